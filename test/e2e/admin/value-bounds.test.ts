import { describe, expect, it } from '@jest/globals';
import { Admin, hourOfDay, rowOf } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

const city = { name: 'Zürich', country: 'CH', timeZone: 'Europe/Zurich', lat: 47.37, lon: 8.54 };

describe('values that the database columns cannot store', () => {
  const tooLargeId = 2 ** 31;

  it('are rejected in times, days, numbers and texts, and never cause a server error', async () => {
    const show = await admin.show(rowOf('4s'), { standard: 1000 });
    const movieId = await admin.movie();
    const times = ['9999-12-31T00:00:00Z', '0000-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2200-01-01T00:00:00Z'];
    const wrongTimes = [...times, '2031-02-29T12:00:00Z', '2031-01-01T12:00:00+19:00', '2031-12-31T23:59:60Z'];
    const showBody = {
      movieId,
      hallId: show.hall.hallId,
      startsAt: hourOfDay(3),
      currency: 'EUR',
      prices: { standard: 1 },
    };
    const rejectedCalls: [string, string, object][] = [
      ...wrongTimes.flatMap((time): [string, string, object][] => [
        ['POST', '/shows', { ...showBody, startsAt: time }],
        ['POST', '/shows', { ...showBody, saleOpensAt: time }],
        ['PATCH', `/shows/${show.showId}`, { startsAt: time }],
        ['PATCH', `/shows/${show.showId}`, { saleClosesAt: time }],
      ]),
      ...['0000-01-01', '1879-12-31', '2200-01-01', '9999-12-31', '2031-02-29'].map((day): [string, string, object] => [
        'PATCH',
        `/movies/${movieId}`,
        { releaseDate: day },
      ]),
      ['PATCH', `/movies/${movieId}`, { durationMinutes: tooLargeId }],
      ['PATCH', `/movies/${movieId}`, { title: 'a\u0000b' }],
      ['PATCH', `/movies/${movieId}`, { posterUrl: 'https://a.example/\u0000' }],
      ['POST', '/cities', { ...city, lat: 91 }],
      ['POST', '/cities', { ...city, lon: 1e300 }],
      ['POST', `/shows/${show.showId}/call-off`, { reason: 'a\u0000b' }],
      ['POST', '/api-keys', { name: 'a\nb', roles: ['gate'] }],
    ];
    for (const [method, path, body] of rejectedCalls) {
      const { status } = await admin.call(method, path, body);
      expect({ method, path, body, status }).toEqual({ method, path, body, status: 400 });
    }
    const kept = await admin.call('PATCH', `/movies/${movieId}`, { releaseDate: '1895-12-28' });
    expect(kept).toMatchObject({ status: 200, body: { releaseDate: '1895-12-28' } });
  });

  it('are refused as ids in paths and bodies, and never cause a server error', async () => {
    const { showId } = await admin.show(rowOf('4s'), { standard: 1000 });
    const movieId = await admin.movie();
    for (const id of [tooLargeId, 2 ** 53 - 1, 2 ** 53, 1e20, -1, 0.5]) {
      const calls: [string, string, object?][] = [
        ['POST', '/cinemas', { cityId: id, name: 'A', address: '', postalCode: '', lat: 1, lon: 1 }],
        ['POST', '/halls', { cinemaId: id, name: 'A', layout: { text: 'A s' } }],
        [
          'POST',
          '/shows',
          { movieId: id, hallId: id, startsAt: hourOfDay(5), currency: 'EUR', prices: { standard: 1 } },
        ],
        ['PATCH', `/shows/${showId}`, { movieId: id }],
        ['PATCH', `/shows/${showId}`, { hallId: id }],
        ['PATCH', `/movies/${id}`, { title: 'A' }],
        ['PATCH', `/cities/${id}`, { name: 'A' }],
        ['PATCH', `/cinemas/${id}`, { name: 'A' }],
        ['PATCH', `/halls/${id}`, { name: 'A' }],
        ['PATCH', `/shows/${id}`, { currency: 'EUR' }],
        ['POST', `/shows/${id}/blocks`, { seats: [0] }],
        ['POST', `/shows/${showId}/blocks`, { seats: [id] }],
        ['DELETE', `/shows/${showId}/blocks`, { seats: [id] }],
        ['POST', `/shows/${id}/call-off`, { reason: 'why' }],
        ['GET', `/shows/${id}/log`],
        ['POST', '/api-keys', { name: 'A', roles: ['gate'], showId: id }],
        ['POST', '/api-keys', { name: 'A', roles: ['gate'], cinemaId: id }],
      ];
      for (const [method, path, body] of calls) {
        const { status } = await admin.call(method, path, body);
        expect({ method, path, body, isRefused: [400, 404, 422].includes(status), status }).toMatchObject({
          isRefused: true,
        });
      }
    }
    for (const path of [
      `movies/${movieId}/showtimes?cityId=${tooLargeId}`,
      `bookings?showId=${tooLargeId}`,
      `shows/${tooLargeId}/queue`,
    ]) {
      expect((await fetch(`${app.url}/v1/${path}`)).status).toBeLessThan(500);
    }
    expect((await admin.call('GET', `/shows/${showId}/log?after=999999999999999`)).status).toBeLessThan(500);
  });

  it('never cause a server error in searches and lists', async () => {
    const searches = [
      'from=9999-12-31T00:00:00Z',
      'from=0000-01-01T00:00:00Z',
      'to=9999-12-31T23:59:59-18:00',
      'from=1900-01-01T00:00:00Z&to=2199-12-31T00:00:00Z',
      'keyword=%00',
      'keyword=%E0%A4',
      `city=${tooLargeId}`,
      'lat=1e999&lon=0',
      'postalCode=%00',
      'cursor=%00',
    ];
    const days = ['0000-01-01', '9999-12-31', '2031-02-29', '1880-01-01', '2199-12-31'].map((day) => `date=${day}`);
    for (const query of searches)
      expect((await fetch(`${app.url}/v1/movies/search?${query}`)).status).toBeLessThan(500);
    for (const query of days) {
      const { cinemaId, cityId } = (await admin.show(rowOf('4s'), { standard: 1 })).cinema;
      expect((await fetch(`${app.url}/v1/cities/${cityId}/movies?${query}`)).status).toBeLessThan(500);
      expect((await fetch(`${app.url}/v1/cinemas/${cinemaId}/showtimes?${query}`)).status).toBeLessThan(500);
    }
  });
});
