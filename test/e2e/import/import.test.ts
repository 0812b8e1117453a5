import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Show } from '@usher/contract';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { adminKey } from '../../support/api-keys.js';
import { Importer } from '../../support/import.js';
import { RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const dayMs = 24 * 60 * 60 * 1000;
const startsAt = new Date(Math.floor(Date.now() / dayMs) * dayMs + 30 * dayMs + 19 * 60 * 60 * 1000);
/** Formats the time with a UTC offset of two hours, as an import file may contain it. */
const writeWithOffset = (time: Date) =>
  new Date(time.getTime() + 2 * 60 * 60 * 1000).toISOString().replace('.000Z', '+02:00');
const addDays = (days: number) => new Date(startsAt.getTime() + days * dayMs);

/** A small catalog in CSV and NDJSON files. */
const files = {
  // The importer reads the files in the order of their names, so these lines refer to lines that it reads later.
  'cinemas.csv':
    '\uFEFFref,cityRef,name,address,postalCode,lat,lon\r\n' +
    'rex,b,"Rex, the ""old"" one","Straße 1, Hof",10115,52.5,13.4\r\n' +
    '\r\n' +
    'lux,m,Lux,Weg 3,80331,48.1,11.6\r\n',
  'cities.ndjson':
    '{"ref":"b","name":"Berlin","country":"DE","timeZone":"Europe/Berlin","lat":52.5,"lon":13.4}\n' +
    '\n' +
    '{"ref":"m","name":"München","country":"DE","timeZone":"Europe/Berlin","lat":48.1,"lon":11.6}',
  'halls.csv':
    'ref,cinemaRef,name,layout\n1,rex,Hall 1,"stage Screen\nseat S premium\nA 4s_4S\n"\n2,lux,Saal,A 5s\n3,lux,Saal 2,A 5s\n',
  'everything-else.jsonl': [
    {
      kind: 'show',
      ref: 's1',
      movieRef: 'amelie',
      hallRef: '1',
      startsAt: writeWithOffset(startsAt),
      currency: 'EUR',
      prices: { standard: 1000, premium: 1500 },
    },
    {
      kind: 'show',
      ref: 's2',
      movieRef: 7,
      hallRef: 2,
      startsAt: writeWithOffset(startsAt),
      currency: 'EUR',
      prices: { standard: 900 },
      rules: { singleSeatGap: 'soft', refunds: { deadlineMinutes: 60, feeAmount: 100 } },
      waitingRoom: { mode: 'auto', maxShoppers: 50 },
    },
    {
      kind: 'movie',
      ref: 'amelie',
      title: 'Le Fabuleux Destin d’Amélie Poulain',
      durationMinutes: 122,
      people: [{ name: 'Audrey Tautou', role: 'actor' }],
      releaseDate: '2001-04-25',
    },
    {
      kind: 'movie',
      ref: 7,
      title: '千と千尋の神隠し',
      originalTitle: null,
      durationMinutes: 125,
      genres: ['Fantasy'],
    },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n'),
};

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
let importer: Importer;
let caller: RestCaller;

beforeAll(async () => {
  importer = await Importer.make({ DATABASE_URL: app.databaseUrl });
  caller = await RestCaller.begin(app.url);
}, 60_000);

afterAll(async () => {
  await importer?.remove();
});

const tablesWithRefs = ['city', 'cinema', 'hall', 'movie', 'show'] as const;

/** Returns every row of the catalog with the id of the transaction that wrote it. */
async function readRows(): Promise<unknown[]> {
  const read = tablesWithRefs.map((table) => app.pool.query(`select xmin::text, * from ${table} order by id`));
  const layouts = app.pool.query('select xmin::text, * from layout order by id');
  return (await Promise.all([...read, layouts])).map((result) => result.rows);
}

async function findId(table: (typeof tablesWithRefs)[number], ref: string): Promise<number> {
  const { rows: found } = await app.pool.query<{ id: number }>(`select id from ${table} where external_ref = $1`, [
    ref,
  ]);
  return found[0]?.id ?? 0;
}

const getJson = async (path: string, headers = {}) => (await caller.call('GET', path, undefined, headers)).body;

describe('an import', () => {
  it('stores CSV and NDJSON files, in any order, while the service runs', async () => {
    const { code, output, errorLines } = await importer.run(files);
    expect(errorLines).toEqual([]);
    expect(output).toMatch(/^cities: 2 new, 0 changed, 0 unchanged\n.*\nImported in [0-9.]+ s\.\n$/s);
    expect(code).toBe(0);

    const found = await getJson('/v1/movies/search?keyword=ameile&city=berlin');
    expect(found).toMatchObject({ didYouMean: 'amelie', items: [{ shows: 1, nextShowAt: startsAt.toISOString() }] });
    expect(await getJson('/v1/movies/search?keyword=千尋&sort=popularity')).toMatchObject({
      items: [{ movie: { title: '千と千尋の神隠し' }, cinemas: 1, shows: 1 }],
    });
    const { rows: tallies } = await app.pool.query('select shows from movie_tally order by movie_id');
    expect(tallies).toEqual([{ shows: 1 }, { shows: 1 }]);
    expect(await getJson(`/v1/cinemas/${await findId('cinema', 'rex')}`)).toMatchObject({
      name: 'Rex, the "old" one',
      address: 'Straße 1, Hof',
    });
    expect(await getJson(`/v1/shows/${await findId('show', 's1')}`)).toMatchObject({
      startsAt: startsAt.toISOString(),
      endsAt: new Date(startsAt.getTime() + 122 * 60_000).toISOString(),
      saleClosesAt: startsAt.toISOString(),
      tiers: [{ tier: 'standard' }, { tier: 'premium', price: { amount: 1500, currency: 'EUR' } }],
      seatCount: 8,
    });
    // Halls with equal layouts share one layout row.
    const { rows: layouts } = await app.pool.query('select count(*)::int as count from layout');
    expect(layouts).toEqual([{ count: 2 }]);
  });

  it('writes no row when it runs again with the same files', async () => {
    const before = await readRows();
    const { code, output } = await importer.run(files);
    expect(output).toContain('shows: 0 new, 0 changed, 2 unchanged');
    expect(code).toBe(0);
    expect(await readRows()).toEqual(before);
  });

  it('writes nothing in a dry run', async () => {
    const before = await readRows();
    const cities =
      'ref,name,country,timeZone,lat,lon\nb,Bärlin,DE,Europe/Berlin,52.5,13.4\nk,Köln,DE,Europe/Berlin,50.9,7\n';
    const { code, output } = await importer.run({ 'cities.csv': cities }, '--dry-run');
    expect(output).toBe('cities: 1 new, 1 changed, 0 unchanged\nA dry run: nothing was imported.\n');
    expect(code).toBe(0);
    expect(await readRows()).toEqual(before);
  });
});

it('an import handles more lines than fit into one batch, and finds a ref that an earlier batch has already used', async () => {
  const city = (index: number) => `c${index},City ${index},DE,Europe/Berlin,${index / 1000},9\n`;
  const manyLines = Array.from({ length: 4500 }, (_, index) => city(index)).join('');
  const text = `ref,name,country,timeZone,lat,lon\n${manyLines}c7,Another,DE,Europe/Berlin,1,1\n`;
  const { code, output, errorLines } = await importer.run({ 'cities.csv': text });
  expect(errorLines).toEqual(['cities.csv:4502: ref: c7 was used before for the city of cities.csv:9']);
  expect(output).toMatch(
    /^cities: 4500 new, 0 changed, 0 unchanged\nImported in [0-9.]+ s, without 1 invalid line\.\n$/,
  );
  expect(code).toBe(1);
  expect(await getJson(`/v1/cities/${await findId('city', 'c4499')}`)).toMatchObject({ name: 'City 4499', lat: 4.499 });
});

describe('a changed line of an import', () => {
  const movedStart = addDays(1);
  const s1 = { kind: 'show', ref: 's1', movieRef: 'amelie', hallRef: '1', currency: 'EUR' };

  it('changes the fields that it names, as a PATCH does, while a node sells seats', async () => {
    const showId = await findId('show', 's1');
    const reserve = async (seats: number[]) =>
      (await caller.call('POST', `/v1/shows/${showId}/reservations`, { seats })).body;
    const { bookingId } = await reserve([0]);
    const viewer = await TestSocket.connect(app.url);
    await viewer.ask('show:join', { showId });
    const { code, output, errorLines } = await importer.runProcess({
      'shows.ndjson': JSON.stringify({
        ...s1,
        startsAt: writeWithOffset(movedStart),
        prices: { standard: 1100, premium: 1500 },
      }),
    });
    expect(errorLines).toEqual([]);
    expect(output).toContain('shows: 0 new, 1 changed, 0 unchanged');
    expect(code).toBe(0);
    // The sale closes at the start of the show, so the end of the sale moves with the start of the show.
    expect(await getJson(`/v1/shows/${showId}`)).toMatchObject({
      startsAt: movedStart.toISOString(),
      saleClosesAt: movedStart.toISOString(),
    });
    expect(await reserve([1])).toMatchObject({ total: { amount: 1100 } });
    expect(await viewer.next('show:changed')).toMatchObject({
      changed: ['startsAt', 'prices', 'saleClosesAt'],
      show: { startsAt: movedStart.toISOString() },
      reason: null,
    });
    viewer.close();
    const { items } = await getJson(`/v1/admin/shows/${showId}/log`, { 'x-api-key': adminKey });
    expect(items).toContainEqual(
      expect.objectContaining({
        changes: [expect.objectContaining({ type: 'termsChanged', actor: { keyId: null, name: 'import' } })],
      }),
    );
    expect(await getJson(`/v1/bookings/${String(bookingId)}`)).toMatchObject({ total: { amount: 1000 } });
  });

  it('keeps the fields that it does not name, and clears the fields that it sets to null', async () => {
    const [showId, movieId] = [await findId('show', 's2'), await findId('movie', 'amelie')];
    const s2 = {
      kind: 'show',
      ref: 's2',
      movieRef: 7,
      hallRef: 2,
      startsAt: writeWithOffset(startsAt),
      currency: 'EUR',
    };
    const amelie = { kind: 'movie', ref: 'amelie', title: 'Amélie', durationMinutes: 122, releaseDate: null };
    const lines = [{ ...s2, prices: { standard: 950 } }, amelie].map((line) => JSON.stringify(line)).join('\n');
    expect(await importer.run({ 'a.ndjson': lines })).toMatchObject({ code: 0, errorLines: [] });
    expect(await getJson(`/v1/shows/${showId}`)).toMatchObject({
      rules: { singleSeatGap: 'soft', refunds: { deadlineMinutes: 60, feeAmount: 100 } },
      waitingRoom: true,
    });
    expect(await getJson(`/v1/movies/${movieId}`)).toMatchObject({
      title: 'Amélie',
      people: [{ name: 'Audrey Tautou' }],
      releaseDate: null,
    });
    expect(await getJson('/v1/movies/search?keyword=fabuleux')).toMatchObject({ items: [] });
    expect(await importer.run({ 'a.ndjson': lines })).toMatchObject({
      output: expect.stringContaining('movies: 0 new, 0 changed, 1 unchanged\nshows: 0 new, 0 changed, 1 unchanged'),
    });
  });

  it('changes only the rules, prices and waiting room fields that it contains, if it is a line of a CSV file', async () => {
    const showId = await findId('show', 's2');
    const s2 = `s2;7;2;${writeWithOffset(startsAt)};EUR`;
    const header = 'ref;movieRef;hallRef;startsAt;currency';
    const before = validate(Show, await getJson(`/v1/shows/${showId}`));
    const semicolonFile = {
      'shows.csv': `sep=;\r\n${header};rules.singleSeatGap;prices.standard;;\r\n${s2};off;960;;\r\n;;;;;;;;\r\n`,
    };
    expect(await importer.run(semicolonFile)).toMatchObject({ code: 0, errorLines: [] });
    const rules = { ...before.rules, singleSeatGap: 'off' };
    expect(await getJson(`/v1/shows/${showId}`)).toMatchObject({ rules, waitingRoom: before.waitingRoom });
    expect(rules).toMatchObject({ refunds: { deadlineMinutes: 60, feeAmount: 100 } });
    const useTabs = (text: string) => text.replaceAll(';', '\t');
    const tabFile = {
      'shows.tsv': useTabs(`${header};prices.standard;rules.maxSeatsPerSession;rules.refunds\n${s2};960;6;null\n`),
    };
    expect(await importer.run(tabFile)).toMatchObject({ code: 0, errorLines: [] });
    expect((await getJson(`/v1/shows/${showId}`))['rules']).toEqual({ ...rules, maxSeatsPerSession: 6, refunds: null });
    // A line in NDJSON replaces a whole object, as a PATCH does.
    const ndjsonFile = {
      'a.ndjson': JSON.stringify({
        kind: 'show',
        ref: 's2',
        movieRef: 7,
        hallRef: 2,
        startsAt: writeWithOffset(startsAt),
        currency: 'EUR',
        prices: { standard: 960 },
        rules: { singleSeatGap: 'soft' },
      }),
    };
    expect(await importer.run(ndjsonFile)).toMatchObject({ code: 0, errorLines: [] });
    expect((await getJson(`/v1/shows/${showId}`))['rules']).not.toHaveProperty('refunds');
  });

  it('gives a hall a new layout, but existing shows keep theirs and cannot move to a hall with another layout', async () => {
    const halls = 'ref,cinemaRef,name,layout\n2,lux,Saal,A 6s\n';
    expect(await importer.run({ 'halls.csv': halls })).toMatchObject({ code: 0 });
    expect(await getJson(`/v1/shows/${await findId('show', 's2')}`)).toMatchObject({ seatCount: 5 });
    const showInOtherHall = {
      ...s1,
      hallRef: '2',
      startsAt: writeWithOffset(movedStart),
      prices: { standard: 1100, premium: 1500 },
    };
    const { code, errorLines } = await importer.run({ 'shows.ndjson': JSON.stringify(showInOtherHall) });
    expect(errorLines).toEqual([
      'shows.ndjson:1: hallRef: has a different layout than the show; choose a hall with the same layout',
    ]);
    expect(code).toBe(1);
  });

  it('moves a hall and its shows to another cinema', async () => {
    const halls = 'ref,cinemaRef,name,layout\n3,rex,Saal 2,A 5s\n';
    const show = {
      kind: 'show',
      ref: 's3',
      movieRef: 7,
      hallRef: 3,
      startsAt: writeWithOffset(startsAt),
      currency: 'EUR',
      prices: { standard: 1 },
    };
    expect(await importer.run({ 'shows.ndjson': JSON.stringify(show) })).toMatchObject({ code: 0 });
    expect(await importer.run({ 'halls.csv': halls })).toMatchObject({ code: 0 });
    await waitUntil(async () => {
      const { items } = await getJson(`/v1/cinemas/${await findId('cinema', 'rex')}/showtimes`);
      return JSON.stringify(items).includes('千と千尋');
    });
  });
});
