import { parseArgs } from 'node:util';
import { MikroORM } from '@mikro-orm/postgresql';
import { insertSyntheticCatalog, type SyntheticSize } from '../catalog/index.js';
import { StartError } from '../common/start-error.js';
import { readConfig } from '../config/config.js';
import { prepareDataFolder } from '../config/data-folder.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { createOrmOptions } from '../database/orm-options.js';
import { entities } from '../mikro-orm.config.js';

const usage = `npm run generate -- [--country US] [--cities 500] [--cinemas 10] [--halls 3] [--movies 3000]
  [--shows 300000] [--days 14] [--seed usher]
Fills an empty database (DATABASE_URL, else the embedded one of DATA_DIR) with an invented catalog.
`;

/** `npm run generate`: an invented catalog of a national ticket seller's size, for trying out and measuring. */
async function main(): Promise<void> {
  const size = readSize(process.argv.slice(2));
  const config = readConfig(process.env);
  if (config.databaseUrl === null) await prepareDataFolder(config.dataDir);
  const database = await openDatabase(config);
  try {
    const orm = await MikroORM.init({ ...createOrmOptions(database.url, entities), logger: () => undefined });
    try {
      const began = performance.now();
      const pool = await orm.em.getConnection().getNativeClient();
      await migrate(orm, pool);
      const client = await pool.connect();
      try {
        await insertSyntheticCatalog(client, size, new Date(), showProgress(size.shows));
      } finally {
        client.release();
      }
      const cinemas = size.cities * size.cinemas;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
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
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  try {
    const { values } = parseArgs({
      args,
      options: {
        country: text('US'),
        cities: text('500'),
        cinemas: text('10'),
        halls: text('3'),
        movies: text('3000'),
        shows: text('300000'),
        days: text('14'),
        seed: text('usher'),
      },
    });
    const { country, seed, ...counts } = values;
    const whole = Object.entries(counts).map(([name, value]) => [name, count(name, value)] as const);
    return {
      country: country.toUpperCase(),
      seed,
      ...(Object.fromEntries(whole) as Record<keyof typeof counts, number>),
    };
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

function count(name: string, value: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(value)) throw new StartError(`--${name} must be a whole number from 1 to 9999999.`);
  return Number(value);
}

/** One line that is written over, where somebody sees it. */
function showProgress(all: number): (shows: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (shows) => process.stderr.write(`\r${shows} of ${all} shows${shows === all ? '\n' : ''}`);
}

main().catch((error: unknown) => {
  const message = error instanceof StartError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
