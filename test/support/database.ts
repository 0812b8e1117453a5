import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { startTestService } from './service-host/start-test-service.js';
import { unprotected } from './protection-settings.js';
import { testEncryptionKey } from './test-encryption-key.js';
import { testSessionSecret } from './test-session-secret.js';

/** Number of the advisory lock under which the first Jest worker builds a template database. Any number works. */
const templateLock = 7_411_968;

/** A database that only one test file uses. */
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

/**
 * Returns the settings of a service on a database. The service listens on a free local port and logs only fatal errors.
 */
export const testEnvironment = (databaseUrl: string, env: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  SESSION_SECRET: testSessionSecret,
  ENCRYPTION_KEY: testEncryptionKey,
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'fatal',
  // A service opens all connections when it starts. Most tests need two or three, and each takes 40 ms to open.
  DATABASE_POOL_MAX: '4',
  ...unprotected,
  ...env,
});

/** Creates an empty database. */
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

/**
 * Returns a statement that copies the template's files. The default, a copy through the write-ahead log, takes more
 * than twice as long.
 */
const copyStatement = (name: string, template: string): string =>
  `create database ${name} template ${template} strategy file_copy`;

const nameOfItsOwn = (): string => `test_${uuidv7().replaceAll('-', '')}`;

/**
 * Creates a migrated database with the demo catalog or an empty catalog. The first call builds the template that every
 * call copies.
 */
export async function createTestDatabase({ demo }: { demo: boolean }): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    const template = demo ? 'template_demo' : 'template_bare';
    await ensureTemplate(admin, template, demo);
    const name = nameOfItsOwn();
    await admin.query(copyStatement(name, template));
    return { url: urlOf(name), drop: () => dropDatabase(name) };
  } finally {
    await admin.end();
  }
}

/** Copies a database with all its rows. No client may be connected to the original. */
export async function copyDatabase(url: string): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    const name = nameOfItsOwn();
    await admin.query(copyStatement(name, new URL(url).pathname.slice(1)));
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
    await (await startTestService(env)).close();
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

/**
 * Returns a connection pool like the service's. If the server ends a connection, the query on it fails, but the process
 * does not crash.
 */
export function testPool(url: string, max = 10): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  const ignored = () => undefined;
  pool.on('error', ignored).on('connect', (client) => client.on('error', ignored));
  return pool;
}

/** Holds the lock of a show while `work` runs, so that no lane can commit to the show. */
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

/** Creates a database before the first test of a file and drops it after the last test. */
export function useDatabase(): { readonly url: string; readonly pool: pg.Pool } {
  const made: { database: TestDatabase; pool: pg.Pool }[] = [];
  const here = () => {
    const [one] = made;
    if (!one) throw new Error('the database does not exist yet; use it in a test or in a later hook');
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
