import { beforeAll, describe, expect, it } from '@jest/globals';
import { readIssues } from '../../support/contract-shapes.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';
import { type SearchFields, setUpSearchCatalog } from '../../support/search-catalog.js';

const app = setUpApp({ env: manyCalls });
const catalog = setUpSearchCatalog(app);
const { search, findTitles } = catalog;

describe('filters', () => {
  let nearMovieId: number;

  beforeAll(async () => {
    nearMovieId = await catalog.writer.movie({ title: 'Zebra Crossing' });
    await catalog.writer.show(nearMovieId, catalog.hallIds['Bonn']!, 30);
    await catalog.writer.show(nearMovieId, catalog.hallIds['Suva']!, 60);
    await catalog.writer.show(nearMovieId, catalog.hallIds['Suva']!, 61);
  });

  const findZebra = async (more: SearchFields = {}) => (await search({ keyword: 'zebra', ...more })).items[0];

  it('keep the shows of a city, given by its id or by its name in any spelling', async () => {
    expect(await findZebra()).toMatchObject({ shows: 3, cinemas: 2, distanceKm: null });
    for (const city of [catalog.cityIds['Suva']!, 'Suva', 'suva', 'SÜVA']) {
      expect(await findZebra({ city })).toMatchObject({ shows: 2, cinemas: 1 });
    }
    expect(await findTitles('matrix', { city: 'koln' })).toHaveLength(2);
    for (const city of ['Nowhere', '999999999999999', '!']) expect(await findZebra({ city })).toBeUndefined();
  });

  it('keep the shows around a point, even across the date line, and return the shortest distance', async () => {
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

  it('can be combined', async () => {
    expect(await findZebra({ city: 'Bonn', postalCode: '53111', lat: 50.74, lon: 7.1, radiusKm: 5 })).toMatchObject({
      shows: 1,
    });
    expect(await findZebra({ city: 'Bonn', postalCode: '50667' })).toBeUndefined();
  });

  it('leave out shows that were called off or have begun', async () => {
    const movie = await catalog.writer.movie({ title: 'Xylophone' });
    const calledOffShowId = await catalog.writer.show(movie, catalog.hallIds['Bonn']!, 90);
    await catalog.writer.show(movie, catalog.hallIds['Bonn']!, -1);
    const findXylophone = async () => (await search({ keyword: 'xylophone' })).items;
    expect(await findXylophone()).toMatchObject([{ shows: 1 }]);
    await app.pool.query('update show set called_off_at = now() where id = $1', [calledOffShowId]);
    expect(await findXylophone()).toEqual([]);
    expect((await search({ keyword: 'xylophone', city: 'Bonn' })).items).toEqual([]);
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
  ])('is answered with INVALID_REQUEST for %s, and the answer names %s', async (query, field) => {
    const answer = await fetch(`${app.url}/v1/movies/search?${query}`);
    expect(answer.status).toBe(400);
    expect(readIssues(await answer.json()).map((issue) => issue.path)).toContain(field);
  });
});
