import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DomainError } from './domain-error.js';

/**
 * Maximum number of issues in one answer. An array with a million invalid items would otherwise produce a million
 * issues.
 */
const issuesMax = 20;

/** Maximum number of characters of a message. Some messages repeat the request, for example every unknown key. */
const messageLengthMax = 500;

/**
 * Converts the issues that a schema reports to the form of the contract. Dots separate the keys of a path, as in
 * `best.count` or `seats.3`.
 */
export const toIssues = (issues: readonly StandardSchemaV1.Issue[]): { path: string; message: string }[] =>
  issues.slice(0, issuesMax).map(({ path, message }) => ({
    path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}…` : message,
  }));

/** Creates an `INVALID_REQUEST` error from the issues that a schema reports. */
export function createInvalidRequestError(issues: readonly StandardSchemaV1.Issue[]): DomainError<'INVALID_REQUEST'> {
  const listed = toIssues(issues);
  const first = listed[0];
  const detail = first
    ? `${first.path === '' ? 'The request' : first.path}: ${first.message}`
    : 'The request is malformed.';
  return new DomainError('INVALID_REQUEST', detail, { issues: listed });
}
