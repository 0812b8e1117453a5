import { isDeepStrictEqual } from 'node:util';
import type { ClientBase } from 'pg';

/** Maps the fields of one kind of line to the columns of its table. */
export interface RowShape {
  readonly table: 'city' | 'cinema' | 'hall' | 'movie';
  /** The column of each field and its PostgreSQL type. */
  readonly columns: Readonly<Record<string, readonly [column: string, type: string]>>;
}

/** A row as a line of the import describes it. */
export interface WantedRow {
  readonly ref: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Returns false for fields that the line omits. An existing row keeps its values of these fields. */
  readonly isGiven: (field: string) => boolean;
}

/** How many rows of one kind were inserted, changed, or found unchanged. */
export interface Tally {
  made: number;
  changed: number;
  same: number;
}

interface StoredRow {
  readonly id: number;
  readonly ref: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Inserts rows that do not exist, and updates existing rows that differ. */
export async function applyRows(client: ClientBase, shape: RowShape, wanted: readonly WantedRow[]): Promise<Tally> {
  const stored = await storedRows(
    client,
    shape,
    wanted.map(({ ref }) => ref),
  );
  const [made, changed]: [object[], object[]] = [[], []];
  let same = 0;
  for (const { ref, fields, isGiven } of wanted) {
    const before = stored.get(ref);
    if (!before) {
      made.push({ ref, ...fields });
      continue;
    }
    const after = Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, isGiven(field) ? value : before.fields[field]]),
    );
    if (isDeepStrictEqual(after, before.fields)) same++;
    else changed.push({ id: before.id, ...after });
  }
  await insertRows(client, shape, made);
  await updateRows(client, shape, changed);
  return { made: made.length, changed: changed.length, same };
}

async function storedRows(client: ClientBase, { table, columns }: RowShape, refs: readonly string[]) {
  const pairs = Object.entries(columns).map(([field, [column]]) => `'${field}', ${column}`);
  const { rows } = await client.query<StoredRow>(
    `select id, external_ref as ref, json_build_object(${pairs.join(', ')}) as fields from ${table}
     where external_ref = any ($1)`,
    [refs],
  );
  return new Map(rows.map((row) => [row.ref, row]));
}

async function insertRows(client: ClientBase, { table, columns }: RowShape, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const into = Object.values(columns).map(([column]) => column);
  const from = Object.keys(columns).map((field) => `r."${field}"`);
  await client.query(
    `insert into ${table} (external_ref, ${into.join(', ')}) select r.ref, ${from.join(', ')}
     from jsonb_to_recordset($1) as r(ref text, ${typed(columns)})`,
    [JSON.stringify(rows)],
  );
}

async function updateRows(client: ClientBase, { table, columns }: RowShape, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const set = Object.entries(columns).map(([field, [column]]) => `${column} = r."${field}"`);
  await client.query(
    `update ${table} set ${set.join(', ')} from jsonb_to_recordset($1) as r(id int, ${typed(columns)})
     where ${table}.id = r.id`,
    [JSON.stringify(rows)],
  );
}

const typed = (columns: RowShape['columns']): string =>
  Object.entries(columns)
    .map(([field, [, type]]) => `"${field}" ${type}`)
    .join(', ');
