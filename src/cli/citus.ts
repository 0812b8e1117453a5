import pg from 'pg';
import { describeFailure, StartError } from '../common/start-error.js';
import { readDatabaseConfig } from '../config/config.js';
import { createDistributionStatements } from '../database/distribution.js';

/** `npm run citus`: prints what distributes the migrated database `DATABASE_URL` over Citus workers. Changes nothing. */
async function main(): Promise<void> {
  const { databaseUrl } = readDatabaseConfig(process.env);
  if (databaseUrl === null) throw new StartError('DATABASE_URL is needed: a database whose schema is up to date.');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    process.stdout.write(`${(await createDistributionStatements(client)).join('\n')}\n`);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The statements could not be made: ${describeFailure(error)}\n`);
  process.exitCode = 1;
});
