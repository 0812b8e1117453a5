import type { Kind } from './line-kinds.js';

/** A reference of a line to another row, by its ref or its id. */
export interface Reference {
  readonly ref: string | undefined;
  readonly id: number | undefined;
}

/** A row that a line refers to. */
export interface FoundRow {
  readonly id: number;
  readonly ref: string | null;
}

/** SQL condition for rows that lines refer to. `$1` contains refs, and `$2` contains ids. */
export const isReferredTo = 'external_ref = any ($1) or id = any ($2)';

/** Largest id that a table can contain. */
const idMax = 2 ** 31 - 1;

/** Looks up the rows that lines refer to. @param query a statement with the condition {@link isReferredTo} */
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

/** Returns the problem of a line whose reference matches no row. */
export const missing = (table: Kind, { ref, id }: Reference): { field: string; message: string } =>
  ref === undefined
    ? { field: `${table}Id`, message: `there is no ${table} ${id}` }
    : { field: `${table}Ref`, message: `there is no ${table} ${ref}, and no good line creates it` };
