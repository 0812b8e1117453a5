import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type FoundMovies } from '@usher/contract';
import pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import { CatalogWriter, type MovieSpec } from '../../support/catalog.js';
import { testPool } from '../../support/database.js';

let app: TestApp;
let pool: pg.Pool;
let catalog: CatalogWriter;
const hallOf: Record<string, number> = {};
const cityOf: Record<string, number> = {};

const movies: readonly MovieSpec[] = [
  { title: 'The Matrix', people: ['Lilly Wachowski', 'Carrie-Anne Moss'], genres: ['Action', 'Sci-Fi'] },
  { title: 'The Matrix Reloaded', people: ['Lilly Wachowski'], genres: ['Action', 'Sci-Fi'] },
  { title: 'The Godfather', people: ['Francis Ford Coppola'], genres: ['Crime'] },
  { title: 'Jurassic Park', people: ['Steven Spielberg'], genres: ['Adventure'] },
  { title: 'Amélie', originalTitle: "Le Fabuleux Destin d'Amélie Poulain", people: ['Jean-Pierre Jeunet'] },
  { title: 'Spirited Away', originalTitle: '千と千尋の神隠し', people: ['宮崎駿'], genres: ['Animation'] },
  { title: 'Parasite', originalTitle: '기생충', people: ['Bong Joon-ho'] },
  { title: 'Сталкер', people: ['Андрей Тарковский'] },
  { title: 'Spider-Man: No Way Home', people: ['Tom Holland'] },
  { title: "Ocean's Eleven", people: ['George Clooney', 'Søren Ågård'], genres: ['Crime'] },
  { title: 'It', genres: ['Horror'] },
  { title: 'M', people: ['Fritz Lang'] },
  { title: 'Mulholland Drive', people: ['David Lynch'] },
  { title: 'Us' },
  { title: 'WALL·E', genres: ['Animation'] },
  { title: 'Crime and Punishment' },
  { title: 'Straße der Sehnsucht' },
];

beforeAll(async () => {
  app = await startApp({ demo: false });
  pool = testPool(app.databaseUrl, 3);
  catalog = new CatalogWriter(pool);
  const places = [
    ['Köln', { postalCode: '50667', lat: 50.9384, lon: 6.9599 }],
    ['Bonn', { postalCode: '53111', lat: 50.7374, lon: 7.0982 }],
    ['Suva', { postalCode: 'SE1 1UN', lat: -18.1248, lon: 178.4501 }],
  ] as const;
  for (const [name, place] of places) {
    cityOf[name] = await catalog.city(name);
    hallOf[name] = await catalog.hall(await catalog.cinema(cityOf[name], place));
  }
  for (const movie of movies) await catalog.show(await catalog.movie(movie), hallOf['Köln']!);
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

type Query = Record<string, string | number>;

function pathOf(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) given.set(name, String(value));
  return `/v1/movies/search?${given.toString()}`;
}

async function search(query: Query): Promise<FoundMovies> {
  const answer = await fetch(app.url + pathOf(query));
  const body = await answer.json();
  expect({ query, status: answer.status, body }).toMatchObject({ status: 200 });
  const parsed = endpoints.searchMovies.answer.parse(body);
  expect(body).toEqual(parsed);
  return parsed;
}

const titles = ({ items }: FoundMovies): string[] => items.map(({ movie }) => movie.title);
const found = async (keyword: string, more: Query = {}): Promise<string[]> =>
  titles(await search({ keyword, ...more }));

describe('a keyword', () => {
  it.each([
    ['godfather', 'The Godfather'],
    ['THE GODFATHER', 'The Godfather'],
    ['amelie', 'Amélie'],
    ['AMÉLIE', 'Amélie'],
    ['Ame\u0301lie', 'Amélie'],
    ['fabuleux destin', 'Amélie'],
    ['strasse sehnsucht', 'Straße der Sehnsucht'],
    ['千と千尋の神隠し', 'Spirited Away'],
    ['千尋', 'Spirited Away'],
    ['神', 'Spirited Away'],
    ['宮崎', 'Spirited Away'],
    ['기생', 'Parasite'],
    ['сталкер', 'Сталкер'],
    ['ТАРКОВСКИЙ', 'Сталкер'],
    ['spiderman', 'Spider-Man: No Way Home'],
    ['spider man', 'Spider-Man: No Way Home'],
    ['spider-man', 'Spider-Man: No Way Home'],
    ['oceans eleven', "Ocean's Eleven"],
    ["ocean's", "Ocean's Eleven"],
    ['ocean’s', "Ocean's Eleven"],
    ['wall-e', 'WALL·E'],
    ['walle', 'WALL·E'],
    ['clooney george', "Ocean's Eleven"],
    ['soren agard', "Ocean's Eleven"],
    ['carrie anne moss', 'The Matrix'],
    ['horror', 'It'],
    ['scifi', 'The Matrix'],
  ])('%s finds %s', async (keyword, title) => {
    const answer = await search({ keyword });
    expect(titles(answer)[0]).toBe(title);
    expect(answer.didYouMean).toBeNull();
  });

  it.each([
    ['j', 'Jurassic Park'],
    ['jur', 'Jurassic Park'],
    ['jurassic p', 'Jurassic Park'],
    ['mulh', 'Mulholland Drive'],
    ['the godf', 'The Godfather'],
    ['fra', 'The Godfather'],
  ])('%s is enough of it while it is typed', async (keyword, title) => {
    expect(await found(keyword)).toContain(title);
  });

  it('needs its words, but not its stop words', async () => {
    expect(await found('the matrix of')).toContain('The Matrix');
    expect(await found('a jurassic park')).toEqual(['Jurassic Park']);
    expect(await found('jurassic matrix')).toEqual([]);
  });

  it('of stop words or one letter alone finds the titles that are just that, first', async () => {
    expect((await found('it'))[0]).toBe('It');
    expect((await found('us'))[0]).toBe('Us');
    expect((await found('M'))[0]).toBe('M');
    expect(await found('the')).toEqual(expect.arrayContaining(['The Matrix', 'The Godfather', 'The Matrix Reloaded']));
  });

  it('stands first in the title, then in people, then in genres', async () => {
    expect((await found('matrix')).slice(0, 2)).toEqual(['The Matrix', 'The Matrix Reloaded']);
    const crime = await found('crime');
    expect(crime[0]).toBe('Crime and Punishment');
    expect(new Set(crime)).toEqual(new Set(['Crime and Punishment', 'The Godfather', "Ocean's Eleven"]));
  });

  it('with nothing in it that could be looked for finds nothing, and an empty one looks for everything', async () => {
    for (const nothing of ['!?', '…', '💥', '%', "';--"]) expect(await found(nothing)).toEqual([]);
    expect((await search({ keyword: '  ', limit: 100 })).items).toHaveLength(movies.length);
  });

  it('of two hundred characters, operators and quotes is a text like any other', async () => {
    for (const odd of ['x'.repeat(200), "matrix' & !godfather", 'matrix:*', '\\', '"', '(', '<->', '😀'.repeat(100)]) {
      await search({ keyword: odd });
    }
    expect(await found("matrix' & reloaded")).toEqual(['The Matrix Reloaded']);
  });
});

describe('a misspelt keyword', () => {
  it.each([
    ['matirx', 'matrix', 'The Matrix'],
    ['godfahter', 'godfather', 'The Godfather'],
    ['jurasic park', 'jurassic park', 'Jurassic Park'],
    ['jurrasic prak', 'jurassic park', 'Jurassic Park'],
    ['speilberg', 'spielberg', 'Jurassic Park'],
    ['amelei', 'amelie', 'Amélie'],
    ['сталкир', 'сталкер', 'Сталкер'],
    ['the matrxi', 'the matrix', 'The Matrix'],
    ['mulhollnad', 'mulholland', 'Mulholland Drive'],
  ])('%s means %s', async (keyword, meant, title) => {
    const answer = await search({ keyword });
    expect({ meant: answer.didYouMean, first: titles(answer)[0] }).toEqual({ meant, first: title });
  });

  it('that is like no word at all finds nothing', async () => {
    for (const keyword of ['qwzx', 'godfat herr', 'jurasic zzzzz']) {
      expect(await search({ keyword })).toEqual({ items: [], nextCursor: null, didYouMean: null });
    }
  });

  it('finds nothing where the caller wants it as it is', async () => {
    expect(await search({ keyword: 'matirx', spellcheck: 'false' })).toEqual({
      items: [],
      nextCursor: null,
      didYouMean: null,
    });
  });

  it('is read as what plays at the place', async () => {
    const spanish = await catalog.movie({ title: 'Matriz' });
    await catalog.show(spanish, hallOf['Bonn']!);
    expect(await search({ keyword: 'matrixx', city: 'Bonn' })).toMatchObject({ didYouMean: 'matriz' });
    expect(await search({ keyword: 'matrixx', city: 'Köln' })).toMatchObject({ didYouMean: 'matrix' });
    await pool.query('delete from show where movie_id = $1', [spanish]);
    await pool.query('delete from movie where id = $1', [spanish]);
  });
});

describe('filters', () => {
  let near: number;

  beforeAll(async () => {
    near = await catalog.movie({ title: 'Zebra Crossing' });
    await catalog.show(near, hallOf['Bonn']!, 30);
    await catalog.show(near, hallOf['Suva']!, 60);
    await catalog.show(near, hallOf['Suva']!, 61);
  });

  const zebra = async (more: Query = {}) => (await search({ keyword: 'zebra', ...more })).items[0];

  it('leave the shows of a city, by its id or its name however it is typed', async () => {
    expect(await zebra()).toMatchObject({ shows: 3, cinemas: 2, distanceKm: null });
    for (const city of [cityOf['Suva']!, 'Suva', 'suva', 'SÜVA']) {
      expect(await zebra({ city })).toMatchObject({ shows: 2, cinemas: 1 });
    }
    expect(await found('matrix', { city: 'koln' })).toHaveLength(2);
    for (const city of ['Nowhere', '999999999999999', '!']) expect(await zebra({ city })).toBeUndefined();
  });

  it('leave those round a point, across the date line too, with the nearest distance', async () => {
    const bonn = { lat: 50.74, lon: 7.1 };
    expect(await zebra({ ...bonn, radiusKm: 2 })).toMatchObject({ shows: 1, distanceKm: expect.closeTo(0.32, 1) });
    expect(await zebra({ lat: 50.9384, lon: 6.9599 })).toMatchObject({ distanceKm: expect.closeTo(24.4, 0) });
    expect(await zebra({ lat: 50.9384, lon: 6.9599, radiusKm: 24 })).toBeUndefined();
    expect(await zebra({ lat: -18, lon: -179.5, radiusKm: 300 })).toMatchObject({ shows: 2 });
  });

  it('leave those of a postal code, however it is spaced', async () => {
    for (const postalCode of ['SE1 1UN', 'se11un', 'SE1-1UN']) {
      expect(await zebra({ postalCode })).toMatchObject({ shows: 2 });
    }
    expect(await zebra({ postalCode: 'SE1' })).toBeUndefined();
  });

  it('leave those that begin in a time, its end not in it', async () => {
    const { nextShowAt } = (await zebra())!;
    const after = new Date(Date.parse(nextShowAt) + 1).toISOString();
    expect(await zebra({ to: after })).toMatchObject({ shows: 1, cinemas: 1, nextShowAt });
    expect(await zebra({ to: nextShowAt })).toBeUndefined();
    expect(await zebra({ from: after })).toMatchObject({ shows: 2 });
    expect(await zebra({ from: nextShowAt, to: after })).toMatchObject({ shows: 1 });
    expect(await zebra({ from: nextShowAt.replace('Z', '+00:00') })).toMatchObject({ shows: 3 });
  });

  it('fit all together', async () => {
    expect(await zebra({ city: 'Bonn', postalCode: '53111', lat: 50.74, lon: 7.1, radiusKm: 5 })).toMatchObject({
      shows: 1,
    });
    expect(await zebra({ city: 'Bonn', postalCode: '50667' })).toBeUndefined();
  });

  it('leave out what was called off or has begun', async () => {
    const movie = await catalog.movie({ title: 'Xylophone' });
    const called = await catalog.show(movie, hallOf['Bonn']!, 90);
    await catalog.show(movie, hallOf['Bonn']!, -1);
    const xylophone = async () => (await search({ keyword: 'xylophone' })).items;
    expect(await xylophone()).toMatchObject([{ shows: 1 }]);
    await pool.query('update show set called_off_at = now() where id = $1', [called]);
    expect(await xylophone()).toEqual([]);
    expect((await search({ keyword: 'xylophone', city: 'Bonn' })).items).toEqual([]);
  });
});

describe('the index', () => {
  it('follows every change of a movie, whoever makes it', async () => {
    const movie = await catalog.movie({ title: 'Quokka', people: ['Ada Byron'] });
    await catalog.show(movie, hallOf['Bonn']!, 120);
    expect(await found('quokka')).toEqual(['Quokka']);
    await pool.query(`update movie set title = 'Wombat', genres = '["Nature"]' where id = $1`, [movie]);
    expect(await found('quokka', { spellcheck: 'false' })).toEqual([]);
    expect(await search({ keyword: 'quoka' })).toMatchObject({ items: [], didYouMean: null });
    expect(await found('wombat')).toEqual(['Wombat']);
    expect(await found('nature')).toEqual(['Wombat']);
    expect(await found('byron')).toEqual(['Wombat']);
    await pool.query(`update movie set people = '[]' where id = $1`, [movie]);
    expect(await found('byron', { spellcheck: 'false' })).toEqual([]);
  });

  it('follows a hall to another cinema, also with a show that is being added meanwhile', async () => {
    const movie = await catalog.movie({ title: 'Narwhal' });
    const hall = await catalog.hall(await catalog.cinema(cityOf['Bonn']!));
    await catalog.showIn(hall, movie, 150);
    const [adding, moving] = [await pool.connect(), await pool.connect()];
    try {
      await adding.query('begin');
      await new CatalogWriter(adding).showIn(hall, movie, 160);
      const moved = moving.query(
        'update hall set cinema_id = (select cinema_id from hall where id = $2) where id = $1',
        [hall, hallOf['Suva']],
      );
      await adding.query('commit');
      await moved;
    } finally {
      adding.release();
      moving.release();
    }
    expect((await search({ keyword: 'narwhal', city: 'Bonn' })).items).toEqual([]);
    expect((await search({ keyword: 'narwhal', city: 'Suva' })).items).toMatchObject([{ shows: 2 }]);
  });
});

describe('refusals', () => {
  it.each([
    ['lat=1', 'lon'],
    ['lon=1', 'lat'],
    ['radiusKm=5', 'lat'],
    ['lat=91&lon=0', 'lat'],
    ['lat=0&lon=180.5', 'lon'],
    ['lat=x&lon=0', 'lat'],
    ['lat=1e1&lon=0', 'lat'],
    ['lat=0&lon=0&radiusKm=0', 'radiusKm'],
    ['lat=0&lon=0&radiusKm=501', 'radiusKm'],
    ['lat=0&lon=0&radiusKm=-1', 'radiusKm'],
    ['sort=distance', 'lat'],
    ['sort=price', 'sort'],
    ['from=tomorrow', 'from'],
    ['from=2026-02-30T00:00:00.000Z', 'from'],
    ['to=2026-11-23', 'to'],
    ['from=2026-12-01T00:00:00.000Z&to=2026-12-01T00:00:00.000Z', 'to'],
    ['spellcheck=maybe', 'spellcheck'],
    [`keyword=${'x'.repeat(201)}`, 'keyword'],
    ['keyword=%00', 'keyword'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['cursor=nonsense', 'cursor'],
  ])('%s is INVALID_REQUEST and names %s', async (query, field) => {
    const answer = await fetch(`${app.url}/v1/movies/search?${query}`);
    const refusal = (await answer.json()) as { code: string; issues: { path: string }[] };
    expect({ status: answer.status, code: refusal.code }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
    expect(refusal.issues.map((issue) => issue.path)).toContain(field);
  });
});
