import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';
import { Importer } from '../../support/import.js';
import { makeDataFolder, ServiceProcess } from '../../support/service-process.js';
import { waitUntil } from '../../support/wait-until.js';
import { invalidLines, makeShowLine } from './invalid-lines.js';

let database: TestDatabase;
let pool: pg.Pool;
let importer: Importer;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 3);
  importer = await Importer.make({ DATABASE_URL: database.url });
});

beforeEach(async () => {
  await pool.query('truncate city, movie, layout cascade');
});

afterAll(async () => {
  await importer?.remove();
  await pool?.end();
  await database?.drop();
});

const cities = 'ref,name,country,timeZone,lat,lon\nb,Berlin,DE,Europe/Berlin,52.5,13.4\n';
const cinemas = 'ref,cityRef,name,address,postalCode,lat,lon\nrex,b,Rex,Street 1,10115,52.5,13.4\n';
const halls = 'ref,cinemaRef,name,layout\n1,rex,Hall 1,A 5s\n2,rex,Hall 2,"seat S premium\nA 5S"\n';
const movies = 'ref,title,durationMinutes\nm,A Test,90\n';
const shows = makeShowLine('s', '1', '2030-12-24T20:00:00Z', { standard: 1000 });
const validFiles = {
  'cities.csv': cities,
  'cinemas.csv': cinemas,
  'halls.csv': halls,
  'movies.csv': movies,
  'shows.ndjson': shows,
};

/** Counts the stored rows of all catalog tables. */
async function countRows(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select ((select count(*) from city) + (select count(*) from cinema) + (select count(*) from hall) +
       (select count(*) from movie) + (select count(*) from show) + (select count(*) from layout))::int as count`,
  );
  return rows[0]?.count ?? 0;
}

describe('an invalid line', () => {
  const text = invalidLines.map(([, line]) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');

  it('is reported with its file, number, field and reason, and is not imported', async () => {
    const { code, output, errorLines } = await importer.run({ ...validFiles, 'a.ndjson': text });
    for (const [index, [, , complaint]] of invalidLines.entries()) {
      const expected = new RegExp(complaint.source.replace('LINE', String(index + 1)));
      expect(errorLines).toContainEqual(expect.stringMatching(expected));
    }
    expect(output).toMatch(new RegExp(`Imported in [0-9.]+ s, without ${invalidLines.length} invalid lines\\.`));
    expect(code).toBe(1);
    expect(await countRows()).toBe(1 + 1 + 2 + 1 + 1 + 2);
  });

  it('stops a strict import before the import changes any row', async () => {
    await importer.run({ 'cities.csv': cities });
    // This line is invalid only because it conflicts with a line of another file.
    const overlapping = invalidLines
      .filter(([, , complaint]) => complaint.source.includes('the hall has show'))
      .map(([, line]) => line)
      .find((line) => typeof line === 'string')!;
    const { code, output, errorLines } = await importer.run({ ...validFiles, 'a.ndjson': overlapping }, '--strict');
    expect(errorLines).toEqual(['a.ndjson:1: startsAt: the hall has show s at that time']);
    expect(output).toContain('With --strict: nothing was imported; 1 invalid line.');
    expect(code).toBe(1);
    expect(await countRows()).toBe(1);
    expect(await importer.run(validFiles, '--strict')).toMatchObject({ code: 0, errorLines: [] });
  });

  it('makes all lines that refer to it invalid', async () => {
    const filesWithInvalidCinema = { ...validFiles, 'cinemas.csv': cinemas.replace('10115,52.5', '10115,95') };
    const { errorLines } = await importer.run(filesWithInvalidCinema);
    expect(errorLines).toEqual([
      expect.stringMatching(/^cinemas\.csv:2: lat: /),
      'halls.csv:2: cinemaRef: there is no cinema rex, and no good line creates it',
      'halls.csv:3: cinemaRef: there is no cinema rex, and no good line creates it',
      'shows.ndjson:1: hallRef: there is no hall 1, and no good line creates it',
    ]);
    expect(await countRows()).toBe(2);
  });
});

describe('an import stores nothing at all when', () => {
  const latin1 = Buffer.from(`${cities}k,Köln,DE,Europe/Berlin,50.9,7\n`, 'latin1');

  it.each([
    [
      'a file is not UTF-8',
      { 'cities.csv': latin1 },
      'cities.csv:3: byte 74 of the file (0xF6) is not UTF-8: save the file as UTF-8.',
    ],
    ['a quote is not closed', { 'cities-2.csv': 'ref,name\n1,"a\n' }, 'cities-2.csv:2: Quote Not Closed'],
    ['a CSV file is empty', { 'cities-2.csv': '' }, 'cities-2.csv: is empty; it needs a header and lines.'],
    ['an NDJSON file is empty', { 'a.ndjson': '' }, 'a.ndjson: is empty; it needs a JSON object on each line.'],
    ['a file format is unknown', { 'cities.xlsx': 'PK' }, 'cities.xlsx: must end in .csv, .tsv, .ndjson or .jsonl.'],
  ])('%s', async (_, file: Record<string, string | Buffer>, complaint) => {
    const { code, errorLines } = await importer.run({ ...validFiles, ...file });
    expect(errorLines.join('\n')).toContain(complaint);
    expect(code).toBe(1);
    expect(await countRows()).toBe(0);
  });

  it('the command line has an unknown option', async () => {
    const { code, errorLines } = await importer.runProcess(validFiles, '--try');
    expect(errorLines).toEqual(
      expect.arrayContaining([expect.stringMatching(/'--try'/), 'npm run import -- [--dry-run] [--strict] FILE…']),
    );
    expect(code).toBe(1);
    expect(await countRows()).toBe(0);
  });

  it('a file does not exist', async () => {
    const { code, errorLines } = await importer.run({}, '/nowhere/shows.csv');
    expect(errorLines).toEqual([expect.stringMatching(/^\/nowhere\/shows\.csv: ENOENT/)]);
    expect(code).toBe(1);
  });
});

describe('an import that is interrupted', () => {
  /** Starts an import and runs `work` while the import waits for a lock on the table of shows. */
  async function whileWaitingForLock(
    work: (started: Awaited<ReturnType<Importer['startProcess']>>) => Promise<void>,
  ): Promise<void> {
    const lockClient = await pool.connect();
    try {
      await lockClient.query('begin; lock table show in share mode');
      const started = await importer.startProcess(validFiles);
      await waitUntil(async () => {
        const { rowCount } = await pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rowCount === 1;
      });
      await work(started);
    } finally {
      await lockClient.query('rollback');
      lockClient.release();
    }
  }

  it('has stored nothing if it was killed halfway, and can be repeated', async () => {
    await whileWaitingForLock(async ({ child, ended }) => {
      child.kill('SIGKILL');
      await ended;
    });
    await waitUntil(async () => (await importer.run(validFiles)).code === 0);
    expect(await countRows()).toBe(8);
  });

  it('blocks other imports while it runs, and reports that a signal interrupted it', async () => {
    const stoppedImports: ReturnType<Importer['runProcess']>[] = [];
    await whileWaitingForLock(async ({ child, ended }) => {
      const { code, errorLines } = await importer.run(validFiles);
      expect(errorLines).toEqual(['Another import is running on this database. Wait until it ends.']);
      expect(code).toBe(1);
      stoppedImports.push(ended);
      const firstOutput = once(child.stderr!, 'data');
      child.kill('SIGTERM');
      expect(String((await firstOutput)[0])).toBe('Stopping …\n');
    });
    expect(await Promise.all(stoppedImports)).toMatchObject([
      { code: 1, errorLines: ['Stopping …', 'Interrupted. Nothing was imported.'] },
    ]);
    expect(await countRows()).toBe(0);
  });
});

it('an import writes to the embedded database, or explains what to do if the service is using this database', async () => {
  const folder = await makeDataFolder();
  const embeddedImporter = await Importer.make({ DATA_DIR: folder.path });
  try {
    const service = ServiceProcess.start({ DATA_DIR: folder.path, DEMO: 'false' });
    await service.waitUntilReady();
    const refusedImport = await embeddedImporter.runProcess(validFiles);
    expect(refusedImport).toMatchObject({
      code: 1,
      errorLines: [expect.stringContaining('Stop it, import, and start it again')],
    });
    await service.end('SIGTERM');
    expect(await embeddedImporter.runProcess(validFiles)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^cities: 1 new, 0 changed, 0 unchanged\n.*\nImported in [0-9.]+ s\.\n$/s),
      errorLines: [],
    });
    const restarted = ServiceProcess.start({ DATA_DIR: folder.path });
    const found = await fetch(`${await restarted.waitUntilReady()}/v1/movies/search?city=berlin`);
    expect(await found.json()).toMatchObject({ items: [{ movie: { title: 'A Test' } }] });
    await restarted.end('SIGTERM');
  } finally {
    await embeddedImporter.remove();
    await folder.remove();
  }
}, 60_000);
