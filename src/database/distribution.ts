import type { ClientBase, Pool } from 'pg';

/** Where the migrations that ran are kept: only the coordinator's, which runs them. */
const local = new Set(['mikro_orm_migrations']);

/** All sales tables of a show are on one shard: this one's shards say which. */
const first = 'show_ledger';

/**
 * The statements that distribute a migrated database with Citus, read out of its schema: tables with `show_id` first in
 * their primary key by it, all of a show together; every other table whole on each worker. It is the schema that is ready:
 * of the lane's statements Citus (13) refuses those that insert in a common table expression.
 */
export async function createDistributionStatements(db: Pool | ClientBase): Promise<string[]> {
  const { rows } = await db.query<{ name: string; isOfShow: boolean }>(
    `select t.relname as name, coalesce(a.attname = 'show_id', false) as "isOfShow"
     from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
     left join pg_index x on x.indrelid = t.oid and x.indisprimary
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
     where t.relkind = 'r' order by t.relname`,
  );
  const tables = rows.filter(({ name }) => !local.has(name));
  const ofShows = tables.filter(({ name, isOfShow }) => isOfShow && name !== first);
  return [
    'create extension if not exists citus;',
    // First, as a table that is distributed may refer to them.
    ...tables.filter(({ isOfShow }) => !isOfShow).map(({ name }) => `select create_reference_table('${name}');`),
    `select create_distributed_table('${first}', 'show_id', colocate_with => 'none');`,
    ...ofShows.map(({ name }) => `select create_distributed_table('${name}', 'show_id', colocate_with => '${first}');`),
  ];
}
