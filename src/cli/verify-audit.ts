import { parseArgs } from 'node:util';
import pg from 'pg';
import { type ChainBreak, ChainVerifier } from '../audit/chain-verifier.js';
import { readChainEnds, verifyDatabase, verifyExport } from '../audit/verify-trail.js';
import { describeFailure, StartError } from '../common/start-error.js';
import { readConfig } from '../config/config.js';
import { openDatabase } from '../database/open-database.js';

const usage = `npm run verify-audit -- [--export FILE] [--earlier FILE]
Recomputes the hash chains of the audit trail in DATABASE_URL, or in the embedded database in DATA_DIR if no service uses it.
With --export, it checks a complete export in JSON Lines instead and needs no database. With --earlier, it also checks that
every chain still contains the last entry that an earlier complete export has. The exit code is 0 if all chains are intact, 1
if a chain is broken, and 2 if nothing could be checked.
`;

/** Maximum number of broken chains to print. */
const printedBreaksMax = 20;

async function main(): Promise<number> {
  const { exported, earlier } = readCommand(process.argv.slice(2));
  const verifier = new ChainVerifier(earlier === undefined ? undefined : await readChainEnds(earlier));
  if (exported === undefined) await verifyConfiguredDatabase(verifier);
  else await verifyExport(exported, verifier);
  const { breaks, entryCount, chainCount } = verifier;
  process.stdout.write(`Checked ${entryCount} entries in ${chainCount} chains.\n`);
  for (const chainBreak of breaks.slice(0, printedBreaksMax)) process.stdout.write(describeBreak(chainBreak));
  if (breaks.length > 0) {
    process.stdout.write(`${breaks.length} ${breaks.length === 1 ? 'chain is' : 'chains are'} broken.\n`);
    return 1;
  }
  process.stdout.write('All chains are intact.\n');
  return 0;
}

async function verifyConfiguredDatabase(verifier: ChainVerifier): Promise<void> {
  const database = await openDatabase(readConfig(process.env));
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  try {
    await verifyDatabase(pool, verifier);
  } finally {
    await pool.end();
    await database.close();
  }
}

const describeBreak = ({ showId, seq, problem }: ChainBreak): string =>
  `BROKEN ${showId === null ? 'chain without a show' : `chain of show ${showId}`}, entry ${seq}: ${problem}\n`;

function readCommand(args: string[]): { readonly exported: string | undefined; readonly earlier: string | undefined } {
  try {
    const options = { export: { type: 'string' }, earlier: { type: 'string' } } as const;
    const { values } = parseArgs({ args, options });
    return { exported: values.export, earlier: values.earlier };
  } catch (cause) {
    throw new StartError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`Could not verify the audit trail: ${describeFailure(error)}\n`);
    process.exitCode = 2;
  },
);
