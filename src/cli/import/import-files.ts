import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { MovieTallyService } from '../../catalog/index.js';
import { getAmountStep } from '../../common/amount-steps.js';
import { StartError } from '../../common/start-error.js';
import { type Config, readConfig } from '../../config/config.js';
import { prepareDataFolder } from '../../config/data-folder.js';
import { migrate } from '../../database/migrate.js';
import { DataFolderInUseError, type OpenDatabase, openDatabase } from '../../database/open-database.js';
import { createOrmOptions } from '../../database/orm-options.js';
import { entities } from '../../mikro-orm.config.js';
import { changeShows, showAdministration } from '../../import/change-shows.js';
import { findFile, type ImportFile } from '../../import/file-lines.js';
import { CatalogImport, type ImportResult } from '../../import/import-catalog.js';
import { ImportProgress } from '../../import/import-progress.js';
import { kinds, plurals } from '../../import/line-kinds.js';

/** A valid command line of `npm run import`. */
export interface ImportCommand {
  readonly files: readonly string[];
  readonly isDryRun: boolean;
  readonly isStrict: boolean;
}

/** The streams that an import writes to, such as those of the process. */
export interface CommandOutput {
  /** Receives the summary. */
  readonly stdout: NodeJS.WritableStream;
  /** Receives reports of invalid lines, and the progress. If the stream is a terminal, the progress is a bar. */
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Imports files into the database of the settings.
 *
 * @returns the exit code, which is 0 if every line was valid
 * @throws StartError if nothing can be imported, or if `signal` stopped the import
 */
export async function importFiles(
  command: ImportCommand,
  env: NodeJS.ProcessEnv,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const files = await Promise.all(command.files.map(findFile));
  const config = readConfig(env);
  const database = await openForImport(config);
  try {
    const orm = await MikroORM.init({
      ...createOrmOptions(database.url, entities, config),
      logger: () => undefined, // The code below prints a summary.
    });
    try {
      return await importInto(orm, config, files, command, output, signal);
    } finally {
      await orm.close();
    }
  } finally {
    await database.close();
  }
}

async function openForImport(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  try {
    return await openDatabase(config);
  } catch (cause) {
    if (!(cause instanceof DataFolderInUseError)) throw cause;
    throw new StartError(
      `Usher is running on ${config.dataDir}. Stop it, import, and start it again. With a database in DATABASE_URL, you can ` +
        'import while the service runs.',
      { cause },
    );
  }
}

async function importInto(
  orm: MikroORM,
  config: Config,
  files: readonly ImportFile[],
  { isDryRun, isStrict }: ImportCommand,
  { stdout, stderr }: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const pool = await orm.em.getConnection().getNativeClient();
  if (isDryRun && config.databaseUrl !== null && (await orm.migrator.getPending()).length > 0) {
    throw new StartError(
      'The schema is not up to date, and a dry run does not change it. Run `npm run migrate` first.',
    );
  }
  await migrate(orm, pool);
  const startedAt = performance.now();
  const progress = new ImportProgress(stderr);
  const client = await pool.connect();
  let isStored = false;
  try {
    const result = await new CatalogImport(
      client,
      files,
      { dryRun: isDryRun, strict: isStrict, signal, amountStep: getAmountStep(config.paymentProvider) },
      progress,
    ).run();
    isStored = result.isStored;
    const administration = showAdministration(orm.em, pool, config);
    const refused = result.pending ? await changeShows(administration, result.pending, progress, signal) : 0;
    if (result.isStored) await prepareSearch(pool, result);
    progress.end();
    stdout.write(formatSummary(result, refused, isDryRun, (performance.now() - startedAt) / 1000));
    return result.badLines + refused === 0 ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    const consequence = isStored
      ? 'Everything was imported except some changes to shows. The next import makes these changes.'
      : 'Nothing was imported.';
    throw new StartError(`Interrupted. ${consequence}`, { cause: error });
  } finally {
    client.release(true); // Closing the connection removes its temporary tables.
  }
}

/**
 * Prepares the tables for searches after an import. Searches sort by the counts of each movie, so these counts are
 * updated. PostgreSQL plans searches by statistics and needs a vacuum for index-only scans, so the tables are vacuumed
 * and analyzed.
 */
async function prepareSearch(pool: Pool, { tallies }: ImportResult): Promise<void> {
  const changedKinds = kinds.filter((kind) => tallies[kind].made + tallies[kind].changed > 0);
  if (changedKinds.length === 0) return;
  await new MovieTallyService(pool).count();
  const searchTables = changedKinds.includes('movie') ? ['movie_search', 'movie_word'] : [];
  for (const table of [...changedKinds, ...searchTables, 'movie_tally']) await pool.query(`vacuum (analyze) ${table}`);
}

function formatSummary(
  { tallies, badLines, isStored }: ImportResult,
  refused: number,
  isDryRun: boolean,
  seconds: number,
) {
  const lines = kinds.flatMap((kind) => {
    const { made, changed, same } = tallies[kind];
    if (made + changed + same === 0) return [];
    return `${plurals[kind]}: ${made} new, ${changed} changed, ${same} unchanged\n`;
  });
  const count = badLines + refused;
  const invalid = `${count} invalid ${count === 1 ? 'line' : 'lines'}`;
  const conclusion = isStored
    ? `Imported in ${seconds.toFixed(1)} s${count > 0 ? `, without ${invalid}` : ''}.\n`
    : `${isDryRun ? 'A dry run' : 'With --strict'}: nothing was imported${count > 0 ? `; ${invalid}` : ''}.\n`;
  return lines.join('') + conclusion;
}
