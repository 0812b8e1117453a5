import { parseArgs } from 'node:util';
import { MikroORM } from '@mikro-orm/postgresql';
import { describeFailure, StartError } from '../common/start-error.js';
import { readDatabaseConfig } from '../config/config.js';
import { renewIdentity } from '../database/database-identity.js';
import { migrate } from '../database/migrate.js';
import { waitForDatabase } from '../database/open-database.js';
import { createOrmOptions } from '../database/orm-options.js';
import { entities } from '../mikro-orm.config.js';

/**
 * `npm run migrate`: brings the schema of `DATABASE_URL` up to date and ends; with 0 when it is. For a step before the
 * nodes start: as a rollout's first, or with a database user who may do more than the nodes'. Any number may run at once.
 *
 * `--new-identity` also gives the database a new identity, which a copy of a database needs.
 */
async function main(): Promise<void> {
  const isCopy = readCommand(process.argv.slice(2));
  const { databaseUrl, ...database } = readDatabaseConfig(process.env);
  if (databaseUrl === null) {
    throw new StartError(
      'DATABASE_URL is needed: the embedded database is brought up to date when the service starts.',
    );
  }
  await waitForDatabase(databaseUrl);
  const orm = await MikroORM.init({
    ...createOrmOptions(databaseUrl, entities, database),
    logger: () => undefined, // what ran is said below
  });
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    const ran = await migrate(orm, pool);
    process.stdout.write(ran.length > 0 ? `Migrated: ${ran.join(', ')}\n` : 'The schema is up to date.\n');
    if (isCopy) {
      const { before, after } = await renewIdentity(pool);
      process.stdout.write(
        `The identity of this database was ${before ?? 'missing'} and is now ${after}.\n` +
          'Restart every node of this database: a running node keeps the old identity and hears no other node.\n',
      );
    }
  } finally {
    await orm.close();
  }
}

/** @returns whether the database gets a new identity */
function readCommand(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { 'new-identity': { type: 'boolean', default: false } } }).values['new-identity'];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`${reason}\nnpm run migrate -- [--new-identity]`, { cause });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The schema could not be brought up to date: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});
