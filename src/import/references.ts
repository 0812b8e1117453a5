import type { BadLine } from './bad-line.js';
import type { Kind } from './line-kinds.js';
import type { StagedLine } from './staged-lines.js';

/** A line's reference to another row, by the ref or the id of that row. */
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

/** Looks up the rows that lines refer to. @param query runs a statement with the condition {@link isReferredTo} */
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

/**
 * Finds the row that each line refers to. A line whose reference matches no row is bad.
 *
 * @param kind the kind of the rows that the lines refer to
 * @param query runs a statement with the condition {@link isReferredTo}
 */
export async function resolveLines<K extends Kind, R extends FoundRow>(
  lines: readonly StagedLine<K>[],
  kind: Kind,
  referenceOf: (line: StagedLine<K>) => Reference,
  query: (values: [refs: string[], ids: number[]]) => Promise<{ rows: R[] }>,
): Promise<{ found: { line: StagedLine<K>; row: R }[]; bad: BadLine[] }> {
  const find = await findReferences(lines.map(referenceOf), query);
  const bad: BadLine[] = [];
  const found = lines.flatMap((line) => {
    const row = find(referenceOf(line));
    if (row) return { line, row };
    bad.push({ file: line.file, line: line.line, ...missing(kind, referenceOf(line)) });
    return [];
  });
  return { found, bad };
}
