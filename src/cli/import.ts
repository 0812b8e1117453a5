import { parseArgs } from 'node:util';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { MovieTallyService } from '../catalog/index.js';
import { getAmountStep } from '../common/amount-steps.js';
import { describeFailure, StartError } from '../common/start-error.js';
import { type Config, readConfig } from '../config/config.js';
import { prepareDataFolder } from '../config/data-folder.js';
import { migrate } from '../database/migrate.js';
import { DataFolderInUseError, type OpenDatabase, openDatabase } from '../database/open-database.js';
import { createOrmOptions } from '../database/orm-options.js';
import { entities } from '../mikro-orm.config.js';
import { changeShows, showAdministration } from '../import/change-shows.js';
import { findFile, type ImportFile } from '../import/file-lines.js';
import { CatalogImport, type ImportResult } from '../import/import-catalog.js';
import { ImportProgress } from '../import/import-progress.js';
import { kinds, plurals } from '../import/line-kinds.js';

const usage = `npm run import -- [--dry-run] [--strict] FILE…
Imports cities, cinemas, halls, movies and shows from .csv, .tsv and .ndjson files, into DATABASE_URL or the embedded database of
DATA_DIR. Lines that are bad are named and left out; with --strict nothing is imported if one is. --dry-run only looks.
It ends with 0 if every line was good.
`;

interface Command {
  readonly files: readonly string[];
  readonly dryRun: boolean;
  readonly strict: boolean;
}

/** `npm run import`. @returns the exit code */
async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2));
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      stopping.abort();
      process.stderr.write('Stopping …\n'); // the statement that runs comes to its end first
    });
  }
  const files = await Promise.all(command.files.map(findFile));
  const config = readConfig(process.env);
  const database = await open(config);
  try {
    const orm = await MikroORM.init({
      ...createOrmOptions(database.url, entities, config),
      logger: () => undefined, // what was done is said below
    });
    try {
      return await importInto(orm, config, files, command, stopping.signal);
    } finally {
      await orm.close();
    }
  } finally {
    await database.close();
  }
}

async function open(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  try {
    return await openDatabase(config);
  } catch (cause) {
    if (!(cause instanceof DataFolderInUseError)) throw cause;
    throw new StartError(
      `Usher runs on ${config.dataDir}: stop it, import, and start it again. A PostgreSQL of its own (DATABASE_URL) is ` +
        'imported into while the service runs.',
      { cause },
    );
  }
}

async function importInto(
  orm: MikroORM,
  config: Config,
  files: readonly ImportFile[],
  { dryRun, strict }: Command,
  signal: AbortSignal,
): Promise<number> {
  const pool = await orm.em.getConnection().getNativeClient();
  if (dryRun && config.databaseUrl !== null && (await orm.migrator.getPending()).length > 0) {
    throw new StartError('The schema is not up to date, and a dry run changes nothing: `npm run migrate` first.');
  }
  await migrate(orm, pool);
  const began = performance.now();
  const progress = new ImportProgress(process.stderr);
  const client = await pool.connect();
  let isStored = false;
  try {
    const result = await new CatalogImport(
      client,
      files,
      { dryRun, strict, signal, amountStep: getAmountStep(config.paymentProvider) },
      progress,
    ).run();
    isStored = result.isStored;
    const administration = showAdministration(orm.em, pool, config);
    const refused = result.pending ? await changeShows(administration, result.pending, progress, signal) : 0;
    if (result.isStored) await settle(pool, result);
    progress.end();
    process.stdout.write(summary(result, refused, dryRun, (performance.now() - began) / 1000));
    return result.badLines + refused === 0 ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    const left = isStored
      ? 'all but some changes of shows was imported, and the next import makes them'
      : 'nothing was imported';
    throw new StartError(`Interrupted: ${left}.`, { cause: error });
  } finally {
    client.release(true); // with the connection go its tables
  }
}

/** Searches are planned by statistics, read from indexes alone what vacuum has seen, and sort by counts. */
async function settle(pool: Pool, { tallies }: ImportResult): Promise<void> {
  const touched = kinds.filter((kind) => tallies[kind].made + tallies[kind].changed > 0);
  if (touched.length === 0) return;
  await new MovieTallyService(pool).count();
  const beside = touched.includes('movie') ? ['movie_search', 'movie_word'] : [];
  for (const table of [...touched, ...beside, 'movie_tally']) await pool.query(`vacuum (analyze) ${table}`);
}

function summary({ tallies, badLines, isStored }: ImportResult, refused: number, dryRun: boolean, seconds: number) {
  const lines = kinds.flatMap((kind) => {
    const { made, changed, same } = tallies[kind];
    if (made + changed + same === 0) return [];
    return `${plurals[kind]}: ${made} new, ${changed} changed, ${same} as they were\n`;
  });
  const count = badLines + refused;
  const bad = `${count} bad ${count === 1 ? 'line' : 'lines'}`;
  const what = isStored
    ? `Imported in ${seconds.toFixed(1)} s${count > 0 ? `, without ${bad}` : ''}.\n`
    : `${dryRun ? 'A dry run' : 'With --strict'}: nothing was imported${count > 0 ? `; ${bad}` : ''}.\n`;
  return lines.join('') + what;
}

function readCommand(args: string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help || positionals.length === 0) throw new StartError(usage);
    return { files: positionals, dryRun: values['dry-run'], strict: values.strict };
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(1);
  },
);
