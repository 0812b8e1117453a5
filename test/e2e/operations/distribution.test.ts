import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { distributionStatements } from '../../../src/database/distribution.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
let statements: string[];

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 1);
  statements = await distributionStatements(pool);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The tables that are distributed, in the order in which they are. */
const distributed = (): string[] =>
  statements.flatMap((statement) => /create_distributed_table\('(\w+)', 'show_id'/.exec(statement)?.[1] ?? []);

it('says of every table once where it goes, in an order and by names that the database takes', async () => {
  // There is no Citus here: functions of the same names and parameters remember what they were told.
  await pool.query(`create table told (n serial, name regclass, kind text, colocated text);
    create function create_reference_table(name regclass) returns void language sql as
      $$ insert into told (name, kind) values (name, 'reference') $$;
    create function create_distributed_table(name regclass, by text, colocate_with text) returns void language sql as
      $$ insert into told (name, kind, colocated) values (name, by, colocate_with) $$`);
  for (const statement of statements.slice(1)) await pool.query(statement);
  const { rows } = await pool.query<{ name: string; kind: string; colocated: string | null }>(
    'select name::text, kind, colocated from told order by n',
  );
  await pool.query('drop function create_reference_table, create_distributed_table; drop table told');
  const all = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'mikro_orm_migrations'`,
  );
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(all.rows.map(({ name }) => name)));
  expect(rows).toHaveLength(all.rows.length);
  const [ledger, ...others] = rows.filter(({ kind }) => kind === 'show_id');
  expect(ledger).toMatchObject({ name: 'show_ledger', colocated: 'none' });
  expect(new Set(others.map(({ colocated }) => colocated))).toEqual(new Set(['show_ledger']));
  expect(distributed()).toEqual(expect.arrayContaining(['show_log', 'show_seat', 'booking', 'waiter', 'line_event']));
});

it('distributes nothing whose keys could not be kept on one shard, as PostgreSQL itself says of a table in parts', async () => {
  for (const table of distributed()) {
    // Refused where a primary key, a unique index or an exclusion constraint lacks show_id.
    const parted = pool.query(`create table parted (like ${table} including all) partition by hash (show_id)`);
    await expect(parted).resolves.toBeDefined();
    await pool.query('drop table parted');
  }
});

it('lets no table that is whole on each worker refer to one that is distributed, nor one of a show to another show', async () => {
  const { rows } = await pool.query<{ from: string; to: string; by: string[] }>(
    `select f.relname as from, t.relname as to,
       (select array_agg(attname::text) from pg_attribute where attrelid = f.oid and attnum = any (c.conkey)) as by
     from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
     where c.contype = 'f'`,
  );
  const across = rows.filter(({ to }) => distributed().includes(to));
  expect(across.filter(({ from, by }) => !distributed().includes(from) || !by.includes('show_id'))).toEqual([]);
});
