import { describe, expect, it } from '@jest/globals';
import { Cinema, endpoints, Layout, Movie, Show } from '@usher/contract';
import { Admin, hourOfDay, rowOf } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { readIssues } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

const city = { name: 'Zürich', country: 'CH', timeZone: 'Europe/Zurich', lat: 47.37, lon: 8.54 };
describe('resources that an administrator creates and changes', () => {
  it('are answered with the same body as a read returns, and a PATCH changes only the fields that it names', async () => {
    const made = await admin.call('POST', '/cities', city);
    const cityId = Number(made.body['cityId']);
    expect(made).toMatchObject({ status: 201, body: { ...city, cityId } });
    const renamed = await admin.call('PATCH', `/cities/${cityId}`, { name: 'Genève' });
    expect(renamed).toMatchObject({ status: 200, body: { ...city, cityId, name: 'Genève' } });
    expect(await app.getJson(`/v1/cities?q=geneve`, endpoints.listCities.answer)).toMatchObject({
      items: [renamed.body],
    });

    const cinemaBody = { cityId, name: 'Kino', address: 'Weg 1', postalCode: '8001', lat: 47.4, lon: 8.5 };
    const cinema = await admin.make('/cinemas', cinemaBody);
    expect(cinema).toEqual(await app.getJson(`/v1/cinemas/${cinema.cinemaId}`, Cinema));
    const moved = await admin.call('PATCH', `/cinemas/${cinema.cinemaId}`, { address: 'Weg 2' });
    expect(moved.body).toEqual({ ...cinema, address: 'Weg 2' });

    const movie = await admin.make('/movies', {
      title: 'Amélie',
      people: [{ name: 'Jean-Pierre Jeunet', role: 'director' }],
      genres: ['Comedy'],
      durationMinutes: 122,
      releaseDate: '2001-04-25',
    });
    expect(movie).toEqual(await app.getJson(`/v1/movies/${movie.movieId}`, Movie));
    const synopsis = 'A waitress helps.';
    const changed = await admin.call('PATCH', `/movies/${movie.movieId}`, { synopsis, releaseDate: null });
    expect(changed.body).toEqual({ ...movie, synopsis, releaseDate: null });

    const text = rowOf('ss_SS');
    const hall = await admin.make('/halls', { cinemaId: cinema.cinemaId, name: 'Saal 1', layout: { text } });
    expect(hall).toMatchObject({ cinemaId: cinema.cinemaId, name: 'Saal 1', seatCount: 4 });
    const show = await admin.make('/shows', {
      movieId: movie.movieId,
      hallId: hall.hallId,
      startsAt: hourOfDay(20),
      currency: 'CHF',
      prices: { standard: 1800, premium: 2200 },
    });
    expect(show).toMatchObject({
      startsAt: hourOfDay(20),
      endsAt: hourOfDay(22, 2),
      saleClosesAt: hourOfDay(20),
      saleOpensAt: null,
    });
    expect(show).toEqual(await app.getJson(`/v1/shows/${show.showId}`, Show));
  });

  it('are refused with NOT_FOUND if they do not exist or refer to a missing resource', async () => {
    const cinemaInMissingCity = { cityId: 999_999, name: 'Kino', address: '', postalCode: '', lat: 0, lon: 0 };
    expect(await admin.call('POST', '/cinemas', cinemaInMissingCity)).toMatchObject({
      status: 404,
      body: { what: 'city' },
    });
    const whatByPath = { cities: 'city', cinemas: 'cinema', halls: 'hall', movies: 'movie', shows: 'show' };
    for (const [path, name] of Object.entries(whatByPath)) {
      const answer = await admin.call('PATCH', `/${path}/999999`, {});
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', what: name } });
    }
  });

  it('are rejected if a field is invalid, and the answer names the field', async () => {
    const invalidCases: [string, object, string][] = [
      ['/cities', { ...city, timeZone: 'Middle/Earth' }, 'timeZone'],
      ['/cities', { ...city, lat: 91 }, 'lat'],
      ['/cities', { ...city, country: 'Switzerland' }, 'country'],
      ['/cities', { ...city, name: ' ' }, 'name'],
      ['/movies', { title: 'X', durationMinutes: 90, releaseDate: '2026-02-30' }, 'releaseDate'],
      ['/movies', { title: 'X', durationMinutes: 0 }, 'durationMinutes'],
      ['/movies', { title: 'X', durationMinutes: 90, posterUrl: 'javascript:alert(1)' }, 'posterUrl'],
      ['/movies', { title: 'X', durationMinutes: 90, duration: 90 }, ''],
    ];
    for (const [path, body, field] of invalidCases) {
      const answer = await admin.call('POST', path, body);
      expect({ status: answer.status, paths: readIssues(answer.body).map((issue) => issue.path) }).toEqual({
        status: 400,
        paths: [field],
      });
    }
  });
});

describe('a show that an administrator plans', () => {
  const createShow = async (other: object) => {
    const { hallId } = await admin.hall(rowOf('ssSS'));
    const movieId = await admin.movie();
    const prices = { standard: 900, premium: 1200 };
    return admin.call('POST', '/shows', {
      movieId,
      hallId,
      startsAt: hourOfDay(20),
      currency: 'EUR',
      prices,
      ...other,
    });
  };

  it('needs exactly one price per tier of its hall, and a sale that opens before it closes', async () => {
    expect(readIssues((await createShow({ prices: { standard: 900 } })).body)).toEqual([
      { path: 'prices.premium', message: 'is missing; the hall has seats of this tier, so it needs a price' },
    ]);
    expect(readIssues((await createShow({ prices: { standard: 900, premium: 1200, royal: 1 } })).body)).toMatchObject([
      { path: 'prices.royal' },
    ]);
    expect(readIssues((await createShow({ saleOpensAt: hourOfDay(21) })).body)).toMatchObject([
      { path: 'saleOpensAt' },
    ]);
    for (const startsAt of ['2031-02-30T20:00:00.000Z', 'tomorrow', '2031-05-01', '2031-05-01T20:00:00']) {
      expect(readIssues((await createShow({ startsAt })).body)).toMatchObject([{ path: 'startsAt' }]);
    }
  });

  it('cannot overlap another show in its hall, even if both are created at once, but may begin when the other show ends', async () => {
    const { hallId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie(120);
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const first = await admin.make('/shows', { ...body, startsAt: hourOfDay(18) });
    for (const startsAt of [hourOfDay(17), hourOfDay(18), hourOfDay(19, 59)]) {
      expect(readIssues((await admin.call('POST', '/shows', { ...body, startsAt })).body)).toEqual([
        { path: 'startsAt', message: `the hall has show ${first.showId} at that time` },
      ]);
    }
    const later = await admin.make('/shows', { ...body, startsAt: hourOfDay(20) });
    const overlapping = await admin.call('PATCH', `/shows/${later.showId}`, {
      startsAt: hourOfDay(19),
      prices: { standard: 1 },
    });
    expect(readIssues(overlapping.body)).toMatchObject([{ path: 'startsAt' }]);
    expect(await app.getJson(`/v1/shows/${later.showId}`, Show)).toEqual(later);

    const creations = Array.from({ length: 5 }, () =>
      admin.call('POST', '/shows', { ...body, startsAt: hourOfDay(23) }),
    );
    const statuses = (await Promise.all(creations)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400, 400, 400, 400]);

    await admin.call('POST', `/shows/${first.showId}/call-off`, { reason: 'no film' });
    await admin.make('/shows', { ...body, startsAt: hourOfDay(17, 30) });
  });

  it('keeps its layout when its hall gets a new layout, which only later shows use', async () => {
    const { hallId, layoutId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie();
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const before = await admin.make('/shows', { ...body, startsAt: hourOfDay(10) });
    const rebuilt = await admin.call('PATCH', `/halls/${hallId}`, { layout: { text: rowOf('5s') } });
    expect(rebuilt.body).toMatchObject({ hallId, seatCount: 5 });
    const after = await admin.make('/shows', { ...body, startsAt: hourOfDay(12) });
    expect(await app.getJson(`/v1/shows/${before.showId}/layout`, Layout)).toMatchObject({ layoutId, seatCount: 2 });
    expect(await app.getJson(`/v1/shows/${after.showId}/layout`, Layout)).toMatchObject({ seatCount: 5 });
    const changedBack = await admin.call('PATCH', `/shows/${before.showId}`, { hallId });
    expect(readIssues(changedBack.body)).toMatchObject([{ path: 'hallId' }]);
  });

  it('accepts a start time with any UTC offset, and rejects an unknown currency', async () => {
    const [{ hallId }, movieId] = [await admin.hall(rowOf('ss')), await admin.movie()];
    const body = { movieId, hallId, startsAt: '2042-12-24T20:15:00+01:00', prices: { standard: 900 } };
    const refused = await admin.call('POST', '/shows', { ...body, currency: 'XXY' });
    expect(readIssues(refused.body)).toMatchObject([{ path: 'currency' }]);
    const show = await admin.make('/shows', { ...body, currency: 'EUR' });
    expect(show.startsAt).toBe('2042-12-24T19:15:00.000Z');
  });

  it('moves the end of its sale with its start, and lasts as long as its movie', async () => {
    const show = await admin.show(rowOf('ss'), { standard: 900 });
    const moved = await admin.call('PATCH', `/shows/${show.showId}`, {
      startsAt: hourOfDay(9),
      movieId: await admin.movie(45),
    });
    expect(moved.body).toMatchObject({ startsAt: hourOfDay(9), endsAt: hourOfDay(9, 45), saleClosesAt: hourOfDay(9) });
  });
});
