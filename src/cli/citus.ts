import pg from 'pg';
import { describeFailure, StartError } from '../common/start-error.js';
import { readDatabaseConfig } from '../config/config.js';
import { createConnectionOptions } from '../database/connection-options.js';
import { createDistributionStatements } from '../database/distribution.js';
import { waitForDatabase } from '../database/open-database.js';

/**
 * `npm run citus`: prints the statements that distribute the migrated database `DATABASE_URL` with Citus. It does not
 * change the database.
 */
async function main(): Promise<void> {
  const { databaseUrl, ...database } = readDatabaseConfig(process.env);
  if (databaseUrl === null)
    throw new StartError('DATABASE_URL is missing. Set it to a database whose schema is up to date.');
  await waitForDatabase(databaseUrl, database);
  const client = new pg.Client(createConnectionOptions(databaseUrl, database));
  await client.connect();
  try {
    process.stdout.write(`${(await createDistributionStatements(client)).join('\n')}\n`);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`Could not create the statements: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});
