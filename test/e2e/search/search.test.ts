import { beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type FoundMovies } from '@usher/contract';
import { useApp } from '../../support/file-app.js';
import { CatalogWriter, type MovieSpec } from '../../support/catalog.js';

const app = useApp();
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
  catalog = new CatalogWriter(app.pool);
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

type Query = Record<string, string | number>;

function buildPath(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) given.set(name, String(value));
  return `/v1/movies/search?${given.toString()}`;
}

async function search(query: Query): Promise<FoundMovies> {
  const answer = await fetch(app.url + buildPath(query));
  const body = await answer.json();
  expect({ query, status: answer.status, body }).toMatchObject({ status: 200 });
  const parsed = endpoints.searchMovies.answer.parse(body);
  expect(body).toEqual(parsed);
  return parsed;
}

const readTitles = ({ items }: FoundMovies): string[] => items.map(({ movie }) => movie.title);
const findTitles = async (keyword: string, more: Query = {}): Promise<string[]> =>
  readTitles(await search({ keyword, ...more }));

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
  ])('finds by "%s" the movie "%s"', async (keyword, title) => {
    const answer = await search({ keyword });
    expect(readTitles(answer)[0]).toBe(title);
    expect(answer.didYouMean).toBeNull();
  });

  it.each([
    ['j', 'Jurassic Park'],
    ['jur', 'Jurassic Park'],
    ['jurassic p', 'Jurassic Park'],
    ['mulh', 'Mulholland Drive'],
    ['the godf', 'The Godfather'],
    ['fra', 'The Godfather'],
  ])('finds by "%s", while it is being typed, the movie "%s"', async (keyword, title) => {
    expect(await findTitles(keyword)).toContain(title);
  });

  it('must match a movie in all its words except stop words', async () => {
    expect(await findTitles('the matrix of')).toContain('The Matrix');
    expect(await findTitles('a jurassic park')).toEqual(['Jurassic Park']);
    expect(await findTitles('jurassic matrix')).toEqual([]);
  });

  it('of stop words or of a single letter finds the titles that consist of it first', async () => {
    expect((await findTitles('it'))[0]).toBe('It');
    expect((await findTitles('us'))[0]).toBe('Us');
    expect((await findTitles('M'))[0]).toBe('M');
    expect(await findTitles('the')).toEqual(
      expect.arrayContaining(['The Matrix', 'The Godfather', 'The Matrix Reloaded']),
    );
  });

  it('ranks matches in the title before matches in people, and those before matches in genres', async () => {
    expect((await findTitles('matrix')).slice(0, 2)).toEqual(['The Matrix', 'The Matrix Reloaded']);
    const crime = await findTitles('crime');
    expect(crime[0]).toBe('Crime and Punishment');
    expect(new Set(crime)).toEqual(new Set(['Crime and Punishment', 'The Godfather', "Ocean's Eleven"]));
  });

  it('without letters or digits finds nothing, and an empty one finds everything', async () => {
    for (const nothing of ['!?', '…', '💥', '%', "';--"]) expect(await findTitles(nothing)).toEqual([]);
    expect((await search({ keyword: '  ', limit: 100 })).items).toHaveLength(movies.length);
  });

  it('may contain two hundred characters, operators and quotes', async () => {
    for (const keyword of [
      'x'.repeat(200),
      "matrix' & !godfather",
      'matrix:*',
      '\\',
      '"',
      '(',
      '<->',
      '😀'.repeat(100),
    ]) {
      await search({ keyword: keyword });
    }
    expect(await findTitles("matrix' & reloaded")).toEqual(['The Matrix Reloaded']);
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
  ])('"%s" is read as "%s" and finds "%s"', async (keyword, meant, title) => {
    const answer = await search({ keyword });
    expect({ meant: answer.didYouMean, first: readTitles(answer)[0] }).toEqual({ meant, first: title });
  });

  it('that resembles no word finds nothing', async () => {
    for (const keyword of ['qwzx', 'godfat herr', 'jurasic zzzzz']) {
      expect(await search({ keyword })).toEqual({ items: [], nextCursor: null, didYouMean: null });
    }
  });

  it('finds nothing when the caller turns the spell check off', async () => {
    expect(await search({ keyword: 'matirx', spellcheck: 'false' })).toEqual({
      items: [],
      nextCursor: null,
      didYouMean: null,
    });
  });

  it('is corrected to a word of a movie that plays at the place', async () => {
    const similarMovieId = await catalog.movie({ title: 'Matriz' });
    await catalog.show(similarMovieId, hallOf['Bonn']!);
    expect(await search({ keyword: 'matrixx', city: 'Bonn' })).toMatchObject({ didYouMean: 'matriz' });
    expect(await search({ keyword: 'matrixx', city: 'Köln' })).toMatchObject({ didYouMean: 'matrix' });
    await app.pool.query('delete from show where movie_id = $1', [similarMovieId]);
    await app.pool.query('delete from movie where id = $1', [similarMovieId]);
  });
});

describe('filters', () => {
  let nearMovieId: number;

  beforeAll(async () => {
    nearMovieId = await catalog.movie({ title: 'Zebra Crossing' });
    await catalog.show(nearMovieId, hallOf['Bonn']!, 30);
    await catalog.show(nearMovieId, hallOf['Suva']!, 60);
    await catalog.show(nearMovieId, hallOf['Suva']!, 61);
  });

  const findZebra = async (more: Query = {}) => (await search({ keyword: 'zebra', ...more })).items[0];

  it('keep the shows of a city, given by its id or by its name in any spelling', async () => {
    expect(await findZebra()).toMatchObject({ shows: 3, cinemas: 2, distanceKm: null });
    for (const city of [cityOf['Suva']!, 'Suva', 'suva', 'SÜVA']) {
      expect(await findZebra({ city })).toMatchObject({ shows: 2, cinemas: 1 });
    }
    expect(await findTitles('matrix', { city: 'koln' })).toHaveLength(2);
    for (const city of ['Nowhere', '999999999999999', '!']) expect(await findZebra({ city })).toBeUndefined();
  });

  it('keep the shows around a point, also across the date line, and return the shortest distance', async () => {
    const bonn = { lat: 50.74, lon: 7.1 };
    expect(await findZebra({ ...bonn, radiusKm: 2 })).toMatchObject({ shows: 1, distanceKm: expect.closeTo(0.32, 1) });
    expect(await findZebra({ lat: 50.9384, lon: 6.9599 })).toMatchObject({ distanceKm: expect.closeTo(24.4, 0) });
    expect(await findZebra({ lat: 50.9384, lon: 6.9599, radiusKm: 24 })).toBeUndefined();
    expect(await findZebra({ lat: -18, lon: -179.5, radiusKm: 300 })).toMatchObject({ shows: 2 });
  });

  it('keep the shows of a postal code in any spelling', async () => {
    for (const postalCode of ['SE1 1UN', 'se11un', 'SE1-1UN']) {
      expect(await findZebra({ postalCode })).toMatchObject({ shows: 2 });
    }
    expect(await findZebra({ postalCode: 'SE1' })).toBeUndefined();
  });

  it('keep the shows that begin in a period, whose end is exclusive', async () => {
    const { nextShowAt } = (await findZebra())!;
    const after = new Date(Date.parse(nextShowAt) + 1).toISOString();
    expect(await findZebra({ to: after })).toMatchObject({ shows: 1, cinemas: 1, nextShowAt });
    expect(await findZebra({ to: nextShowAt })).toBeUndefined();
    expect(await findZebra({ from: after })).toMatchObject({ shows: 2 });
    expect(await findZebra({ from: nextShowAt, to: after })).toMatchObject({ shows: 1 });
    expect(await findZebra({ from: nextShowAt.replace('Z', '+00:00') })).toMatchObject({ shows: 3 });
  });

  it('apply together', async () => {
    expect(await findZebra({ city: 'Bonn', postalCode: '53111', lat: 50.74, lon: 7.1, radiusKm: 5 })).toMatchObject({
      shows: 1,
    });
    expect(await findZebra({ city: 'Bonn', postalCode: '50667' })).toBeUndefined();
  });

  it('leave out shows that were called off or have begun', async () => {
    const movie = await catalog.movie({ title: 'Xylophone' });
    const calledOffShowId = await catalog.show(movie, hallOf['Bonn']!, 90);
    await catalog.show(movie, hallOf['Bonn']!, -1);
    const findXylophone = async () => (await search({ keyword: 'xylophone' })).items;
    expect(await findXylophone()).toMatchObject([{ shows: 1 }]);
    await app.pool.query('update show set called_off_at = now() where id = $1', [calledOffShowId]);
    expect(await findXylophone()).toEqual([]);
    expect((await search({ keyword: 'xylophone', city: 'Bonn' })).items).toEqual([]);
  });
});

describe('the search index', () => {
  it('follows every change of a movie, even one made directly in the database', async () => {
    const movie = await catalog.movie({ title: 'Quokka', people: ['Ada Byron'] });
    await catalog.show(movie, hallOf['Bonn']!, 120);
    expect(await findTitles('quokka')).toEqual(['Quokka']);
    await app.pool.query(`update movie set title = 'Wombat', genres = '["Nature"]' where id = $1`, [movie]);
    expect(await findTitles('quokka', { spellcheck: 'false' })).toEqual([]);
    expect(await search({ keyword: 'quoka' })).toMatchObject({ items: [], didYouMean: null });
    expect(await findTitles('wombat')).toEqual(['Wombat']);
    expect(await findTitles('nature')).toEqual(['Wombat']);
    expect(await findTitles('byron')).toEqual(['Wombat']);
    await app.pool.query(`update movie set people = '[]' where id = $1`, [movie]);
    expect(await findTitles('byron', { spellcheck: 'false' })).toEqual([]);
  });

  it('follows a hall to another cinema, even while a show is being added to the hall', async () => {
    const movie = await catalog.movie({ title: 'Narwhal' });
    const hall = await catalog.hall(await catalog.cinema(cityOf['Bonn']!));
    await catalog.showIn(hall, movie, 150);
    const [adding, moving] = [await app.pool.connect(), await app.pool.connect()];
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

describe('a rejected search', () => {
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
  ])('answers INVALID_REQUEST for %s and names %s', async (query, field) => {
    const answer = await fetch(`${app.url}/v1/movies/search?${query}`);
    const refusal = (await answer.json()) as { code: string; issues: { path: string }[] };
    expect({ status: answer.status, code: refusal.code }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
    expect(refusal.issues.map((issue) => issue.path)).toContain(field);
  });
});
