import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createDistributionStatements } from '../../../src/database/distribution.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
let statements: string[];

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 1);
  statements = await createDistributionStatements(pool);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Returns the distributed tables in the order of the statements. */
const listDistributedTables = (): string[] =>
  statements.flatMap((statement) => /create_distributed_table\('(\w+)', 'show_id'/.exec(statement)?.[1] ?? []);

it('the Citus statements place each table exactly once, in an order and with names that the database accepts', async () => {
  // This database has no Citus, so functions with the same names and parameters record the calls.
  await pool.query(`create table recorded_call (n serial, name regclass, kind text, colocated text);
    create function create_reference_table(name regclass) returns void language sql as
      $$ insert into recorded_call (name, kind) values (name, 'reference') $$;
    create function create_distributed_table(name regclass, by text, colocate_with text) returns void language sql as
      $$ insert into recorded_call (name, kind, colocated) values (name, by, colocate_with) $$`);
  for (const statement of statements.slice(1)) await pool.query(statement);
  const { rows } = await pool.query<{ name: string; kind: string; colocated: string | null }>(
    'select name::text, kind, colocated from recorded_call order by n',
  );
  await pool.query('drop function create_reference_table, create_distributed_table; drop table recorded_call');
  const all = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'mikro_orm_migrations'`,
  );
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(all.rows.map(({ name }) => name)));
  expect(rows).toHaveLength(all.rows.length);
  const [ledger, ...others] = rows.filter(({ kind }) => kind === 'show_id');
  expect(ledger).toMatchObject({ name: 'show_ledger', colocated: 'none' });
  expect(new Set(others.map(({ colocated }) => colocated))).toEqual(new Set(['show_ledger']));
  expect(listDistributedTables()).toEqual(
    expect.arrayContaining(['show_log', 'show_seat', 'booking', 'waiter', 'line_event']),
  );
});

it('the keys of every distributed table allow hash partitioning by show_id in PostgreSQL', async () => {
  for (const table of listDistributedTables()) {
    // PostgreSQL refuses to partition a table if one of its keys or exclusion constraints lacks show_id.
    const partitioned = pool.query(`create table parted (like ${table} including all) partition by hash (show_id)`);
    await expect(partitioned).resolves.toBeDefined();
    await pool.query('drop table parted');
  }
});

it('a reference table refers to no distributed table, and a foreign key to a distributed table includes show_id', async () => {
  const { rows } = await pool.query<{ from: string; to: string; by: string[] }>(
    `select f.relname as from, t.relname as to,
       (select array_agg(attname::text) from pg_attribute where attrelid = f.oid and attnum = any (c.conkey)) as by
     from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
     where c.contype = 'f'`,
  );
  const referencesToDistributed = rows.filter(({ to }) => listDistributedTables().includes(to));
  expect(
    referencesToDistributed.filter(
      ({ from, by }) => !listDistributedTables().includes(from) || !by.includes('show_id'),
    ),
  ).toEqual([]);
});
