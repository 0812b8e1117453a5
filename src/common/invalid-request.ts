import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DomainError } from './domain-error.js';

/** More than this many issues say nothing new, and an array of a million wrong items would answer with a million. */
const issuesMax = 20;

/** Some messages repeat what was sent, for example every unknown key. */
const messageLengthMax = 500;

/** A schema's issues as the wire has them. The path is dotted, e.g. `best.count` or `seats.3`. */
export const toIssues = (issues: readonly StandardSchemaV1.Issue[]): { path: string; message: string }[] =>
  issues.slice(0, issuesMax).map(({ path, message }) => ({
    path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}…` : message,
  }));

/** `INVALID_REQUEST` from a schema's issues. */
export function createInvalidRequestError(issues: readonly StandardSchemaV1.Issue[]): DomainError<'INVALID_REQUEST'> {
  const listed = toIssues(issues);
  const first = listed[0];
  const detail = first
    ? `${first.path === '' ? 'The request' : first.path}: ${first.message}`
    : 'The request is malformed.';
  return new DomainError('INVALID_REQUEST', detail, { issues: listed });
}
