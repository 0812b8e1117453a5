import type { AuditFilter } from '@usher/contract';
import type { KeyHolder } from '../access/index.js';

/** The entries that the caller's key may read. A field that is null does not limit the entries. */
export type AuditScope = Pick<KeyHolder, 'showId' | 'cinemaId'>;

/** An SQL condition with its parameters. */
export interface AuditCondition {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Returns the SQL condition for the entries that match a filter and that the caller may read. */
export function auditCondition(
  { from, to, actor, action, showId, cinemaId, subject }: AuditFilter,
  scope: AuditScope,
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
    [(parameter) => `cinema_id = ${parameter}::bigint`, scope.cinemaId ?? undefined],
  ];
  const used = given.filter(([, value]) => value !== undefined);
  return {
    text: used.map(([condition], index) => condition(`$${index + 1}`)).join(' and ') || 'true',
    values: used.map(([, value]) => value),
  };
}
