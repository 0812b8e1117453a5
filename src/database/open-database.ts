import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../common/start-error.js';
import type { Config } from '../config/config.js';
import { readOrCreateSecret } from '../config/data-folder.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/** The database that the service runs on. */
export interface OpenDatabase {
  readonly url: string;
  /** After the last connection is closed: stops the server where it is embedded. */
  close(): Promise<void>;
}

/** Another Usher runs on the data folder. */
export class DataFolderInUseError extends StartError {
  constructor(dataDir: string) {
    super(`Another Usher runs on ${dataDir}: stop it, or set DATA_DIR to another folder.`);
    this.name = 'DataFolderInUse';
  }
}

/** Any number that nothing else in the embedded database locks. */
const ownerLock = 0x6f776e65;

/** How long a given database may take to answer before the start gives up. */
const answerMsMax = 10_000;

/**
 * The given database, or the embedded one started in the data folder.
 *
 * @throws StartError when it does not answer; DataFolderInUse
 */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) {
    await waitForDatabase(config.databaseUrl);
    return { url: config.databaseUrl, close: async () => undefined };
  }
  const password = await serverPassword(config.dataDir);
  const server = await startEmbeddedPostgres({ directory: join(config.dataDir, 'postgres'), password });
  let closing = false;
  // The owner's connection ends when the server dies: it is started again, and the pool connects anew. One that does not
  // come back ends the process by a rejection that nobody handles: there is nothing left to serve.
  const own = async (): Promise<pg.Client> => {
    const client = await becomeOwner(server.url, config.dataDir);
    client.once('end', () => {
      if (!closing) owner = server.restart().then(own);
    });
    return client;
  };
  let owner = own().catch(async (error: unknown) => {
    // Somebody else's server goes on; one that nobody owns does not outlive a failed start.
    if (!(error instanceof StartError)) await server.stop();
    throw error;
  });
  await owner;
  return {
    url: server.url,
    close: async () => {
      closing = true;
      const client = await owner.catch(() => null); // a restart under way comes to its end first
      // Given up last: whoever waits for the folder must not find a server that is about to stop.
      await server.stop();
      await client?.end().catch(() => undefined);
    },
  };
}

async function serverPassword(dataDir: string): Promise<string> {
  const [cluster, file] = [join(dataDir, 'postgres', 'PG_VERSION'), join(dataDir, 'postgres-password')];
  // A new one would not open the database that is there, and would look as if it should.
  if (existsSync(cluster) && !existsSync(file)) {
    throw new StartError(`DATA_DIR: ${file} is missing beside its database: put it back from a backup.`);
  }
  return readOrCreateSecret(dataDir, 'postgres-password');
}

// Two services on one folder would each stop the other's server. The lock is a connection's, so a killed owner frees it.
async function becomeOwner(url: string, dataDir: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'usher owner' });
  await client.connect();
  client.on('error', () => undefined); // the server went away; the pool reports that, and there is nothing left to own
  for (let attempt = 1; attempt <= 30; attempt++) {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [ownerLock]);
    if (rows[0]?.mine) return client;
    await delay(100); // a killed owner's connection takes the server a moment to notice
  }
  await client.end();
  throw new DataFolderInUseError(dataDir);
}

/** Waits for a database that may still be starting. @throws StartError when it does not answer in time, or refuses */
export async function waitForDatabase(url: string): Promise<void> {
  const { host, pathname } = new URL(url);
  const deadline = performance.now() + answerMsMax;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (performance.now() >= deadline || !isTransient(cause)) {
        const reason = cause instanceof Error ? cause.message || 'no answer' : 'no answer';
        throw new StartError(
          `DATABASE_URL: no PostgreSQL answers as ${host}${pathname} (${reason}): check the address, that it runs, and the password.`,
          { cause },
        );
      }
      await delay(250);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Refused credentials or a missing database stay so; a server that is still starting does not. */
function isTransient(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !code.startsWith('28') && !code.startsWith('3D');
}
