import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type EntityName, type Options } from '@mikro-orm/postgresql';
import type { DatabaseConfig } from '../config/config.js';
import { turnOffJit } from './jit.js';
import { removeStatementNames } from './statement-names.js';

const migrationsBesideThis = fileURLToPath(new URL('./migrations', import.meta.url));

/** How a database is used, and where its migrations are. */
export interface OrmSettings extends Pick<DatabaseConfig, 'databasePoolMax' | 'canPrepareStatements'> {
  /** Those beside this file run; the command line writes new ones into the sources. */
  readonly migrationsFolder: string;
}

/** What MikroORM is run with, in the service and by its command line. */
export function createOrmOptions(
  databaseUrl: string,
  entities: readonly EntityName[],
  settings: Partial<OrmSettings> = {},
): Options {
  // 20 connections were no quicker than 10 on 2 cores.
  const { databasePoolMax = 10, canPrepareStatements = true, migrationsFolder = migrationsBesideThis } = settings;
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [...entities],
    extensions: [Migrator],
    forceUtcTimezone: true,
    pool: { min: 0, max: databasePoolMax },
    // The whole URL: of its query, which may ask for TLS, MikroORM hands nothing on.
    driverOptions: {
      connectionString: databaseUrl,
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
      // Else `migration:up` rewrites the snapshot from the live database, and the check compares it with itself.
      snapshotOnMigrate: false,
      disableForeignKeys: false,
    },
  });
}
