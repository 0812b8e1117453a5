import type { Kind } from './line-kinds.js';

/** A thing that a line refers to, by its ref or by its id. */
export interface Reference {
  readonly ref: string | undefined;
  readonly id: number | undefined;
}

/** A thing that was found. */
export interface FoundRow {
  readonly id: number;
  readonly ref: string | null;
}

/** The condition of a statement on things that lines refer to: `$1` refs, `$2` ids. */
export const isReferredTo = 'external_ref = any ($1) or id = any ($2)';

/** Greater ids than this are in no table. */
const idMax = 2 ** 31 - 1;

/** Looks up things that lines refer to. @param query with the condition {@link isReferredTo} */
export async function findReferences<R extends FoundRow>(
  references: readonly Reference[],
  query: (values: [refs: string[], ids: number[]]) => Promise<{ rows: R[] }>,
): Promise<(reference: Reference) => R | undefined> {
  const { rows } = await query([
    references.flatMap(({ ref }) => ref ?? []),
    references.flatMap(({ id }) => (id !== undefined && id <= idMax ? id : [])),
  ]);
  const byRef = new Map(rows.map((row) => [row.ref, row]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ({ ref, id }) => (ref === undefined ? byId.get(id ?? 0) : byRef.get(ref));
}

/** What to say of a line whose reference leads nowhere. */
export const missing = (table: Kind, { ref, id }: Reference): { field: string; message: string } =>
  ref === undefined
    ? { field: `${table}Id`, message: `there is no ${table} ${id}` }
    : { field: `${table}Ref`, message: `there is no ${table} ${ref}, and no good line makes one` };
