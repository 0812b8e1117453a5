import { parseArgs } from 'node:util';
import { MikroORM } from '@mikro-orm/postgresql';
import { insertSyntheticCatalog, type SyntheticSize } from '../catalog/index.js';
import { describeFailure, StartError } from '../common/start-error.js';
import { readConfig } from '../config/config.js';
import { prepareDataFolder } from '../config/data-folder.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { createOrmOptions } from '../database/orm-options.js';
import { entities } from '../mikro-orm.config.js';

const usage = `npm run generate -- [--country US] [--cities 500] [--cinemas 10] [--halls 3] [--movies 3000]
  [--shows 300000] [--days 14] [--seed usher]
Fills an empty database with an invented catalog. The database is DATABASE_URL, or the embedded database in DATA_DIR.
`;

/**
 * `npm run generate`: fills a database with an invented catalog for measurements. The catalog is as large as that of a
 * national ticket seller.
 */
async function main(): Promise<void> {
  const size = readSize(process.argv.slice(2));
  const config = readConfig(process.env);
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  const database = await openDatabase(config);
  try {
    const orm = await MikroORM.init({ ...createOrmOptions(database.url, entities, config), logger: () => undefined });
    try {
      const startedAt = performance.now();
      const pool = await orm.em.getConnection().getNativeClient();
      await migrate(orm, pool);
      const client = await pool.connect();
      try {
        await insertSyntheticCatalog(client, size, new Date(), createProgressDisplay(size.shows));
      } finally {
        client.release();
      }
      const cinemas = size.cities * size.cinemas;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(
        `${size.cities} cities, ${cinemas} cinemas, ${cinemas * size.halls} halls, ${size.movies} movies and ` +
          `${size.shows} shows in ${seconds} s (seed ${size.seed}).\n`,
      );
    } finally {
      await orm.close();
    }
  } finally {
    await database.close();
  }
}

function readSize(args: string[]): SyntheticSize {
  const textOption = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  try {
    const { values } = parseArgs({
      args,
      options: {
        country: textOption('US'),
        cities: textOption('500'),
        cinemas: textOption('10'),
        halls: textOption('3'),
        movies: textOption('3000'),
        shows: textOption('300000'),
        days: textOption('14'),
        seed: textOption('usher'),
      },
    });
    const { country, seed, ...counts } = values;
    const count = (name: keyof typeof counts) => parseCount(name, counts[name]);
    return {
      country: country.toUpperCase(),
      cities: count('cities'),
      cinemas: count('cinemas'),
      halls: count('halls'),
      movies: count('movies'),
      shows: count('shows'),
      days: count('days'),
      seed,
    };
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

function parseCount(name: string, value: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(value)) throw new StartError(`--${name} must be a whole number from 1 to 9999999.`);
  return Number(value);
}

/** Returns a function that shows the progress in a terminal, on one line that it overwrites. */
function createProgressDisplay(all: number): (shows: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (shows) => process.stderr.write(`\r${shows} of ${all} shows${shows === all ? '\n' : ''}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
});
