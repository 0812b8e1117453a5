import type { ClientBase, Pool } from 'pg';

/**
 * Tables that stay on the coordinator. The coordinator runs the migrations, so no other server needs the list of
 * migrations that ran.
 */
const localTables = new Set(['mikro_orm_migrations']);

/** The table whose shards decide where the rows of a show in the other sales tables are stored. */
const leadingTable = 'show_ledger';

/**
 * Creates the statements that distribute a migrated database with Citus. They are derived from the database's schema.
 * Tables whose primary key begins with `show_id` are distributed by this column, so that all rows of a show are on one
 * shard. Every other table is copied to each worker. Only the schema is ready for Citus. The lane is not, because some
 * of its statements insert in a common table expression, which Citus 13 refuses.
 */
export async function createDistributionStatements(db: Pool | ClientBase): Promise<string[]> {
  const { rows } = await db.query<{ name: string; isOfShow: boolean }>(
    `select t.relname as name, coalesce(a.attname = 'show_id', false) as "isOfShow"
     from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
     left join pg_index x on x.indrelid = t.oid and x.indisprimary
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
     where t.relkind = 'r' order by t.relname`,
  );
  const tables = rows.filter(({ name }) => !localTables.has(name));
  const ofShows = tables.filter(({ name, isOfShow }) => isOfShow && name !== leadingTable);
  return [
    'create extension if not exists citus;',
    // The reference tables come first, because distributed tables may refer to them.
    ...tables.filter(({ isOfShow }) => !isOfShow).map(({ name }) => `select create_reference_table('${name}');`),
    `select create_distributed_table('${leadingTable}', 'show_id', colocate_with => 'none');`,
    ...ofShows.map(
      ({ name }) => `select create_distributed_table('${name}', 'show_id', colocate_with => '${leadingTable}');`,
    ),
  ];
}
