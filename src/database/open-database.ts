import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../common/start-error.js';
import { describeTlsFailure } from '../common/tls-failure.js';
import type { Config, DatabaseConfig } from '../config/config.js';
import { readOrCreateSecret } from '../config/data-folder.js';
import { createConnectionOptions } from './connection-options.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/** The database that the service runs on. */
export interface OpenDatabase {
  readonly url: string;
  /** Stops the embedded server, if there is one. The caller must close all connections before. */
  close(): Promise<void>;
}

/** Thrown if another Usher uses the same data folder. */
export class DataFolderInUseError extends StartError {
  constructor(dataDir: string) {
    super(`Another Usher uses ${dataDir}. Stop it, or set DATA_DIR to another folder.`);
    this.name = 'DataFolderInUseError';
  }
}

/** The number of the advisory lock that the owner of a data folder holds. No other code locks this number. */
const ownerLock = 0x6f776e65;

/** Maximum time that the start waits for the database in DATABASE_URL. */
const answerTimeoutMs = 10_000;

/**
 * Opens the database in DATABASE_URL, or starts the embedded database in the data folder.
 *
 * @throws StartError if the database does not answer
 * @throws DataFolderInUseError if another Usher uses the data folder
 */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) {
    await waitForDatabase(config.databaseUrl, config);
    return { url: config.databaseUrl, close: async () => undefined };
  }
  const password = await readServerPassword(config.dataDir);
  const server = await startEmbeddedPostgres({ directory: join(config.dataDir, 'postgres'), password });
  let isClosing = false;
  // The owner's connection ends if the server dies. The service then starts the server again, and the pool connects
  // again. If the server does not start, the unhandled rejection ends the process, which could not serve any request.
  const takeOwnership = async (): Promise<pg.Client> => {
    const client = await becomeOwner(server.url, config.dataDir);
    client.once('end', () => {
      if (!isClosing) owner = server.restart().then(takeOwnership);
    });
    return client;
  };
  let owner = takeOwnership().catch(async (error: unknown) => {
    // If another Usher owns the server, the server continues to run. A server without an owner must not outlive a
    // failed start, so it is stopped.
    if (!(error instanceof StartError)) await server.stop();
    throw error;
  });
  await owner;
  return {
    url: server.url,
    close: async () => {
      isClosing = true;
      const client = await owner.catch(() => null); // waits for a restart in progress
      // The ownership ends last, so that an Usher which waits for the folder does not find a server that is about to
      // stop.
      await server.stop();
      await client?.end().catch(() => undefined);
    },
  };
}

async function readServerPassword(dataDir: string): Promise<string> {
  const [cluster, file] = [join(dataDir, 'postgres', 'PG_VERSION'), join(dataDir, 'postgres-password')];
  // A new password would not open the existing database, and it would hide that the old password is lost.
  if (existsSync(cluster) && !existsSync(file)) {
    throw new StartError(`DATA_DIR: the password file ${file} of the database is missing. Restore it from a backup.`);
  }
  return readOrCreateSecret(dataDir, 'postgres-password');
}

// Without this lock, two services on one folder would stop each other's server. The lock belongs to a connection, so it
// is released when its owner is killed.
async function becomeOwner(url: string, dataDir: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'usher owner' });
  await client.connect();
  client.on('error', () => undefined); // The pool already reports that the server is gone.
  for (let attempt = 1; attempt <= 30; attempt++) {
    const { rows } = await client.query<{ isOwner: boolean }>('select pg_try_advisory_lock($1) as "isOwner"', [
      ownerLock,
    ]);
    if (rows[0]?.isOwner) return client;
    await delay(100); // The server needs a moment to notice that a killed owner's connection has ended.
  }
  await client.end();
  throw new DataFolderInUseError(dataDir);
}

/**
 * Waits for a database that may still be starting.
 *
 * @throws StartError if the database refuses the connection, fails the TLS check or does not answer
 */
export async function waitForDatabase(url: string, config: Pick<DatabaseConfig, 'databaseTls'>): Promise<void> {
  const { host, pathname } = new URL(url);
  const options = { ...createConnectionOptions(url, config), connectionTimeoutMillis: 3000 };
  const deadline = performance.now() + answerTimeoutMs;
  for (;;) {
    const client = new pg.Client(options);
    try {
      await client.connect();
      return;
    } catch (cause) {
      const tlsFailure = describeTlsFailure(cause);
      if (tlsFailure !== null) {
        const setting = config.databaseTls === null ? 'DATABASE_URL' : 'DATABASE_CA_FILE';
        throw new StartError(
          `${setting}: PostgreSQL at ${host}${pathname} fails the TLS check, because ${tlsFailure}. ` +
            "Set DATABASE_CA_FILE to the CA of the server's certificate, and use a host in DATABASE_URL that the certificate names.",
          { cause },
        );
      }
      if (performance.now() >= deadline || !isTransient(cause)) {
        const reason = cause instanceof Error ? cause.message || 'no answer' : 'no answer';
        throw new StartError(
          `DATABASE_URL: cannot connect to PostgreSQL at ${host}${pathname} (${reason}). Check the address and the password, and that PostgreSQL runs.`,
          { cause },
        );
      }
      await delay(250);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Returns false if the credentials were refused or the database does not exist, because waiting does not help then. */
function isTransient(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !code.startsWith('28') && !code.startsWith('3D');
}
