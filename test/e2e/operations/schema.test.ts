import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { catalogEntities } from '../../../src/catalog/entities/index.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 1);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Tables that grow with the programme but not with sales. They are small enough to be copied to every shard. */
const catalogTables = new Set(
  catalogEntities.map((entity) => entity.name.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase()),
);

const isCatalog = (table: string): boolean => catalogTables.has(table) || table === 'mikro_orm_migrations';

/** Tables of the service and of its sessions, which do not depend on shows. */
const otherTables = new Set([
  'database_identity',
  'write_probe',
  'kept_secret',
  'push_subscription',
  'api_key',
  'operator_session',
  'ticket_key',
  'webhook_endpoint',
  'idempotency_key',
  'mail_count',
  'session_erasure',
]);

it('every table that grows with sales has show_id first in every key, so that it can be distributed by show_id', async () => {
  const { rows } = await pool.query<{ table: string; constraint: string; first: string }>(
    `select t.relname as table, i.relname as constraint, a.attname as first
     from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
     join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'public'
     join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
     where x.indisunique`,
  );
  const salesKeys = rows.filter(({ table }) => !isCatalog(table) && !otherTables.has(table));
  expect(salesKeys.map(({ table }) => table)).toEqual(
    expect.arrayContaining([
      'show_ledger',
      'show_log',
      'show_seat',
      'booking',
      'waiter',
      'line_event',
      'stay',
      'push_message',
      'ticket',
      'mail_message',
      'webhook_delivery',
      'risk_case',
    ]),
  );
  expect(salesKeys.filter(({ first }) => first !== 'show_id')).toEqual([]);
});

it('the foreign keys of catalog tables refer only to catalog tables', async () => {
  const { rows } = await pool.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to from pg_constraint c
     join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid where c.contype = 'f'`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ from, to }) => isCatalog(from) && !isCatalog(to))).toEqual([]);
});
