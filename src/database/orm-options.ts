import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type EntityName, type Options } from '@mikro-orm/postgresql';

const migrationsBesideThis = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * What MikroORM is run with, in the service and by its command line.
 *
 * @param folder of the migrations: those beside this file run, the command line writes new ones into the sources
 */
export function ormOptions(
  databaseUrl: string,
  entities: readonly EntityName[],
  folder: string = migrationsBesideThis,
): Options {
  return defineConfig({
    clientUrl: databaseUrl,
    entities: [...entities],
    extensions: [Migrator],
    forceUtcTimezone: true,
    // 20 connections were no quicker than 10 on 2 cores.
    pool: { min: 0, max: 10 },
    // The whole URL: of its query, which may ask for TLS, MikroORM hands nothing on.
    driverOptions: {
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      application_name: 'usher',
    },
    migrations: {
      path: folder,
      pathTs: folder,
      glob: '!(*.d).{js,ts}',
      snapshot: true,
      snapshotName: '.snapshot',
      // Else `migration:up` rewrites the snapshot from the live database, and the check compares it with itself.
      snapshotOnMigrate: false,
      disableForeignKeys: false,
    },
  });
}
