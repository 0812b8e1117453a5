import type { AuditFilter } from '@usher/contract';
import type { KeyScope } from '../access/index.js';

/** An SQL condition with its parameters. */
export interface AuditCondition {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Returns the SQL condition for the entries that match a filter and that are in the scope of the caller's key. A key of
 * cinemas reads the entries that name one of its cinemas, with or without a show. A key of a show reads only the chain of
 * the show.
 */
export function auditCondition(
  { from, to, actor, action, showId, cinemaId, subject }: AuditFilter,
  scope: KeyScope,
): AuditCondition {
  const given: [condition: (parameter: string) => string, value: unknown][] = [
    [(parameter) => `at >= ${parameter}::timestamptz`, from],
    [(parameter) => `at < ${parameter}::timestamptz`, to],
    [(parameter) => `(actor_id = ${parameter} or actor_name = ${parameter})`, actor],
    [(parameter) => `action = ${parameter}`, action],
    // A `bigint` also accepts ids beyond the range of the column. They match no entry.
    [(parameter) => `show_id = ${parameter}::bigint`, showId],
    [(parameter) => `cinema_id = ${parameter}::bigint`, cinemaId],
    [(parameter) => `subject_id = ${parameter}`, subject],
    [(parameter) => `show_id = ${parameter}::bigint`, scope.showId ?? undefined],
    [(parameter) => `cinema_id = any(${parameter}::int[])`, scope.cinemaIds ?? undefined],
  ];
  const used = given.filter(([, value]) => value !== undefined);
  return {
    text: used.map(([condition], index) => condition(`$${index + 1}`)).join(' and ') || 'true',
    values: used.map(([, value]) => value),
  };
}
