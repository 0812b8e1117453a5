import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../../src/config/config.js';
import { startService } from '../../src/service.js';

/** Any number: makes the workers of one run build a template once. */
const templateLock = 7_411_968;

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

const serverUrl = (): string => {
  const url = process.env.TEST_POSTGRES_URL;
  if (url === undefined) throw new Error('the global set-up has not started PostgreSQL');
  return url;
};

const urlOf = (database: string): string => Object.assign(new URL(serverUrl()), { pathname: `/${database}` }).href;

/** Settings of a service on a database, listening on a free port of this machine, silent. */
export const testEnvironment = (databaseUrl: string, env: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  SESSION_SECRET: 'a secret for tests only, 32 bytes',
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'fatal',
  ...env,
});

/** A database without anything in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    const name = nameOfItsOwn();
    await admin.query(`create database ${name}`);
    return { url: urlOf(name), drop: () => dropDatabase(name) };
  } finally {
    await admin.end();
  }
}

const nameOfItsOwn = (): string => `test_${uuidv7().replaceAll('-', '')}`;

/** A migrated database, with the demo catalog or with none; copied from a template that the first caller makes. */
export async function createTestDatabase({ demo }: { demo: boolean }): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    const template = demo ? 'template_demo' : 'template_bare';
    await ensureTemplate(admin, template, demo);
    const name = nameOfItsOwn();
    await admin.query(`create database ${name} template ${template}`);
    return { url: urlOf(name), drop: () => dropDatabase(name) };
  } finally {
    await admin.end();
  }
}

/** A copy of a database that nothing is connected to, with all its rows. */
export async function copyDatabase(url: string): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    const name = nameOfItsOwn();
    await admin.query(`create database ${name} template ${new URL(url).pathname.slice(1)}`);
    return { url: urlOf(name), drop: () => dropDatabase(name) };
  } finally {
    await admin.end();
  }
}

async function ensureTemplate(admin: pg.Client, template: string, demo: boolean): Promise<void> {
  await admin.query('select pg_advisory_lock($1)', [templateLock]);
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    await admin.query(`create database ${template}`);
    const env = testEnvironment(urlOf(template), { DEMO: String(demo) });
    await (await startService(readConfig(env))).close();
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [templateLock]);
  }
}

async function dropDatabase(name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${name} with (force)`);
  } finally {
    await admin.end();
  }
}

/** Connections as the service's own pool hands them out: one that the server ends fails its query, and crashes nothing. */
export function testPool(url: string, max = 10): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  const ignored = () => undefined;
  pool.on('error', ignored).on('connect', (client) => client.on('error', ignored));
  return pool;
}

/** Does something while nobody else gets a show's lock. */
export async function whileLocked<T>(pool: pg.Pool, showId: number, work: () => Promise<T>): Promise<T> {
  const holder = await pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select from show_ledger where show_id = $1 for update', [showId]);
    return await work();
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

/** A database of a test file's own, from before its first test until after its last. */
export function useDatabase(): { readonly url: string; readonly pool: pg.Pool } {
  const made: { database: TestDatabase; pool: pg.Pool }[] = [];
  const here = () => {
    const [one] = made;
    if (!one) throw new Error('the database is there from the first test on');
    return one;
  };
  beforeAll(async () => {
    const database = await createTestDatabase({ demo: false });
    made.push({ database, pool: testPool(database.url) });
  });
  afterAll(async () => {
    await here().pool.end();
    await here().database.drop();
  });
  return {
    get url() {
      return here().database.url;
    },
    get pool() {
      return here().pool;
    },
  };
}
