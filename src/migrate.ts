import { MikroORM } from '@mikro-orm/postgresql';
import { describeFailure, StartError } from './common/start-error.js';
import { readDatabaseConfig } from './config/config.js';
import { migrate } from './database/migrate.js';
import { untilDatabaseAnswers } from './database/open-database.js';
import { ormOptions } from './database/orm-options.js';
import { entities } from './mikro-orm.config.js';

/**
 * `npm run migrate`: brings the schema of `DATABASE_URL` up to date and ends; with 0 when it is. For a step before the
 * nodes start: as a rollout's first, or with a database user who may do more than the nodes'. Any number may run at once.
 */
async function main(): Promise<void> {
  const { databaseUrl, ...database } = readDatabaseConfig(process.env);
  if (databaseUrl === null) {
    throw new StartError(
      'DATABASE_URL is needed: the embedded database is brought up to date when the service starts.',
    );
  }
  await untilDatabaseAnswers(databaseUrl);
  const orm = await MikroORM.init({
    ...ormOptions(databaseUrl, entities, database),
    logger: () => undefined, // what ran is said below
  });
  try {
    const ran = await migrate(orm, await orm.em.getConnection().getNativeClient());
    process.stdout.write(ran.length > 0 ? `Migrated: ${ran.join(', ')}\n` : 'The schema is up to date.\n');
  } finally {
    await orm.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The schema could not be brought up to date: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});
