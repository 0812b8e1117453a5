import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type EntityName, type Options } from '@mikro-orm/postgresql';
import type { DatabaseConfig } from '../config/config.js';
import { createConnectionOptions } from './connection-options.js';
import { turnOffJit } from './jit.js';
import { removeStatementNames } from './statement-names.js';

const defaultMigrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

/** Settings of the ORM: how it uses the database, and where its migrations are. */
export interface OrmSettings extends Omit<DatabaseConfig, 'databaseUrl'> {
  /**
   * The folder of the migrations. The service uses the folder beside this file. MikroORM's command line uses the folder
   * in the sources.
   */
  readonly migrationsFolder: string;
}

/** Creates the options of MikroORM, for the service and for MikroORM's command line. */
export function createOrmOptions(
  databaseUrl: string,
  entities: readonly EntityName[],
  settings: Partial<OrmSettings> = {},
): Options {
  // On 2 cores, 20 connections were not faster than 10.
  const { databasePoolMax = 10, canPrepareStatements = true, databaseTls = null } = settings;
  const { migrationsFolder = defaultMigrationsFolder } = settings;
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [...entities],
    extensions: [Migrator],
    forceUtcTimezone: true,
    pool: { min: 0, max: databasePoolMax },
    // The driver gets the whole URL, because MikroORM would drop the URL's query, which may ask for TLS.
    driverOptions: {
      ...createConnectionOptions(databaseUrl, { databaseTls }),
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      application_name: 'usher',
      onConnect: turnOffJit,
      ...(canPrepareStatements ? {} : { onPoolCreated: removeStatementNames }),
    },
    migrations: {
      path: migrationsFolder,
      pathTs: migrationsFolder,
      glob: '!(*.d).{js,ts}',
      snapshot: true,
      snapshotName: '.snapshot',
      // Otherwise `migration:up` would write the schema of the live database to the snapshot, and the check of the
      // schema would compare the snapshot with itself.
      snapshotOnMigrate: false,
      disableForeignKeys: false,
    },
  });
}
