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
 * `npm run migrate`: migrates the schema of `DATABASE_URL` and exits with 0 on success. Operators run it before the
 * nodes start, for example as the first step of a rollout. It can use a database user with more rights than the nodes
 * have. Several runs may overlap.
 *
 * With `--new-identity`, it also gives the database a new identity. A copy of a database needs one.
 */
async function main(): Promise<void> {
  const shouldRenewIdentity = readCommand(process.argv.slice(2));
  const { databaseUrl, ...database } = readDatabaseConfig(process.env);
  if (databaseUrl === null) {
    throw new StartError('DATABASE_URL is missing. The service itself migrates the embedded database when it starts.');
  }
  await waitForDatabase(databaseUrl, database);
  const orm = await MikroORM.init({
    ...createOrmOptions(databaseUrl, entities, database),
    logger: () => undefined, // The code below prints the migrations that ran.
  });
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    const ran = await migrate(orm, pool);
    process.stdout.write(ran.length > 0 ? `Migrated: ${ran.join(', ')}\n` : 'The schema is up to date.\n');
    if (shouldRenewIdentity) {
      const { before, after } = await renewIdentity(pool);
      process.stdout.write(
        `The identity of this database was ${before ?? 'missing'} and is now ${after}.\n` +
          'Restart every node of this database. A running node keeps the old identity and receives nothing from other nodes.\n',
      );
    }
  } finally {
    await orm.close();
  }
}

/** Parses the arguments. @returns true if the database should get a new identity */
function readCommand(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { 'new-identity': { type: 'boolean', default: false } } }).values['new-identity'];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`${reason}\nnpm run migrate -- [--new-identity]`, { cause });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`Could not migrate the schema: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});
