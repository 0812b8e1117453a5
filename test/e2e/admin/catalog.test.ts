import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Hall, Layout, Show } from '@usher/contract';
import { Admin, adminKey, rowOf } from '../../support/admin.js';
import { startApp, type TestApp } from '../../support/app.js';

let app: TestApp;
let admin: Admin;

beforeAll(async () => {
  app = await startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } });
  admin = await Admin.of(app.url);
});

afterAll(async () => {
  await app.close();
});

const read = async <T>(path: string): Promise<T> => {
  const answer = await fetch(app.url + path);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return (await answer.json()) as T;
};

const city = { name: 'Zürich', country: 'CH', timeZone: 'Europe/Zurich', lat: 47.37, lon: 8.54 };
const issuesOf = ({ body }: { body: Record<string, unknown> }) => body['issues'] as { path: string; message: string }[];

const at = (hours: number, minutes = 0) => new Date(Date.UTC(2031, 4, 1, hours, minutes)).toISOString();

describe('what is made', () => {
  it('is answered as its read answers it, and changed by what a patch says alone', async () => {
    const made = await admin.call('POST', '/cities', city);
    const cityId = Number(made.body['cityId']);
    expect(made).toMatchObject({ status: 201, body: { ...city, cityId } });
    const renamed = await admin.call('PATCH', `/cities/${cityId}`, { name: 'Genève' });
    expect(renamed).toMatchObject({ status: 200, body: { ...city, cityId, name: 'Genève' } });
    expect(await read(`/v1/cities?q=geneve`)).toMatchObject({ items: [renamed.body] });

    const place = { cityId, name: 'Kino', address: 'Weg 1', postalCode: '8001', lat: 47.4, lon: 8.5 };
    const cinema = await admin.make<{ cinemaId: number }>('/cinemas', place);
    expect(cinema).toEqual(await read(`/v1/cinemas/${cinema.cinemaId}`));
    const moved = await admin.call('PATCH', `/cinemas/${cinema.cinemaId}`, { address: 'Weg 2' });
    expect(moved.body).toEqual({ ...cinema, address: 'Weg 2' });

    const movie = await admin.make<{ movieId: number }>('/movies', {
      title: 'Amélie',
      people: [{ name: 'Jean-Pierre Jeunet', role: 'director' }],
      genres: ['Comedy'],
      durationMinutes: 122,
      releaseDate: '2001-04-25',
    });
    expect(movie).toEqual(await read(`/v1/movies/${movie.movieId}`));
    const synopsis = 'A waitress helps.';
    const told = await admin.call('PATCH', `/movies/${movie.movieId}`, { synopsis, releaseDate: null });
    expect(told.body).toEqual({ ...movie, synopsis, releaseDate: null });

    const text = rowOf('ss_SS');
    const hall = await admin.make<Hall>('/halls', { cinemaId: cinema.cinemaId, name: 'Saal 1', layout: { text } });
    expect(hall).toMatchObject({ cinemaId: cinema.cinemaId, name: 'Saal 1', seatCount: 4 });
    const show = await admin.make<Show>('/shows', {
      movieId: movie.movieId,
      hallId: hall.hallId,
      startsAt: at(20),
      currency: 'CHF',
      prices: { standard: 1800, premium: 2200 },
    });
    expect(show).toMatchObject({ startsAt: at(20), endsAt: at(22, 2), saleClosesAt: at(20), saleOpensAt: null });
    expect(show).toEqual(await read(`/v1/shows/${show.showId}`));
  });

  it('refers to what is there, and is not changed where it is not', async () => {
    const nowhere = { cityId: 999_999, name: 'Kino', address: '', postalCode: '', lat: 0, lon: 0 };
    expect(await admin.call('POST', '/cinemas', nowhere)).toMatchObject({ status: 404, body: { what: 'city' } });
    const what = { cities: 'city', cinemas: 'cinema', halls: 'hall', movies: 'movie', shows: 'show' };
    for (const [path, name] of Object.entries(what)) {
      const answer = await admin.call('PATCH', `/${path}/999999`, {});
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', what: name } });
    }
  });

  it('is refused with the field that is wrong', async () => {
    const wrong: [string, object, string][] = [
      ['/cities', { ...city, timeZone: 'Middle/Earth' }, 'timeZone'],
      ['/cities', { ...city, lat: 91 }, 'lat'],
      ['/cities', { ...city, country: 'Switzerland' }, 'country'],
      ['/cities', { ...city, name: ' ' }, 'name'],
      ['/movies', { title: 'X', durationMinutes: 90, releaseDate: '2026-02-30' }, 'releaseDate'],
      ['/movies', { title: 'X', durationMinutes: 0 }, 'durationMinutes'],
      ['/movies', { title: 'X', durationMinutes: 90, posterUrl: 'javascript:alert(1)' }, 'posterUrl'],
      ['/movies', { title: 'X', durationMinutes: 90, duration: 90 }, ''],
    ];
    for (const [path, body, field] of wrong) {
      const answer = await admin.call('POST', path, body);
      expect({ status: answer.status, paths: issuesOf(answer).map((issue) => issue.path) }).toEqual({
        status: 400,
        paths: [field],
      });
    }
  });
});

describe('a show', () => {
  const plan = async (other: object) => {
    const { hallId } = await admin.hall(rowOf('ssSS'));
    const movieId = await admin.movie();
    const prices = { standard: 900, premium: 1200 };
    return admin.call('POST', '/shows', { movieId, hallId, startsAt: at(20), currency: 'EUR', prices, ...other });
  };

  it('has a price for every tier of its hall and for no other, and a sale that opens before it closes', async () => {
    expect(issuesOf(await plan({ prices: { standard: 900 } }))).toEqual([
      { path: 'prices.premium', message: 'the hall has seats of this tier: it needs a price' },
    ]);
    expect(issuesOf(await plan({ prices: { standard: 900, premium: 1200, royal: 1 } }))).toMatchObject([
      { path: 'prices.royal' },
    ]);
    expect(issuesOf(await plan({ saleOpensAt: at(21) }))).toMatchObject([{ path: 'saleOpensAt' }]);
    for (const startsAt of ['2031-02-30T20:00:00.000Z', 'tomorrow', '2031-05-01', '2031-05-01T20:00:00']) {
      expect(issuesOf(await plan({ startsAt }))).toMatchObject([{ path: 'startsAt' }]);
    }
  });

  it('is alone in its hall: one that would overlap is refused, also of two at once; one right after it is not', async () => {
    const { hallId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie(120);
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const first = await admin.make<Show>('/shows', { ...body, startsAt: at(18) });
    for (const startsAt of [at(17), at(18), at(19, 59)]) {
      expect(issuesOf(await admin.call('POST', '/shows', { ...body, startsAt }))).toEqual([
        { path: 'startsAt', message: `the hall has show ${first.showId} at that time` },
      ]);
    }
    const later = await admin.make<Show>('/shows', { ...body, startsAt: at(20) });
    const patch = await admin.call('PATCH', `/shows/${later.showId}`, { startsAt: at(19), prices: { standard: 1 } });
    expect(issuesOf(patch)).toMatchObject([{ path: 'startsAt' }]);
    expect(await read(`/v1/shows/${later.showId}`)).toEqual(later);

    const same = Array.from({ length: 5 }, () => admin.call('POST', '/shows', { ...body, startsAt: at(23) }));
    const statuses = (await Promise.all(same)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400, 400, 400, 400]);

    await admin.call('POST', `/shows/${first.showId}/call-off`, { reason: 'no film' });
    await admin.make<Show>('/shows', { ...body, startsAt: at(17, 30) });
  });

  it('keeps the layout that it was made with when its hall gets another; one that is made later has that one', async () => {
    const { hallId, layoutId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie();
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const before = await admin.make<Show>('/shows', { ...body, startsAt: at(10) });
    const rebuilt = await admin.call('PATCH', `/halls/${hallId}`, { layout: { text: rowOf('5s') } });
    expect(rebuilt.body).toMatchObject({ hallId, seatCount: 5 });
    const after = await admin.make<Show>('/shows', { ...body, startsAt: at(12) });
    expect(await read<Layout>(`/v1/shows/${before.showId}/layout`)).toMatchObject({ layoutId, seatCount: 2 });
    expect(await read<Layout>(`/v1/shows/${after.showId}/layout`)).toMatchObject({ seatCount: 5 });
    const back = await admin.call('PATCH', `/shows/${before.showId}`, { hallId });
    expect(issuesOf(back)).toMatchObject([{ path: 'hallId' }]);
  });

  it('begins at a time in any offset, and is priced in a currency that there is', async () => {
    const [{ hallId }, movieId] = [await admin.hall(rowOf('ss')), await admin.movie()];
    const body = { movieId, hallId, startsAt: '2042-12-24T20:15:00+01:00', prices: { standard: 900 } };
    const refused = await admin.call('POST', '/shows', { ...body, currency: 'XXY' });
    expect(issuesOf(refused)).toMatchObject([{ path: 'currency' }]);
    const show = await admin.make<Show>('/shows', { ...body, currency: 'EUR' });
    expect(show.startsAt).toBe('2042-12-24T19:15:00.000Z');
  });

  it('is moved with the end of its sale, and lasts as long as its movie', async () => {
    const show = await admin.show(rowOf('ss'), { standard: 900 });
    const moved = await admin.call('PATCH', `/shows/${show.showId}`, {
      startsAt: at(9),
      movieId: await admin.movie(45),
    });
    expect(moved.body).toMatchObject({ startsAt: at(9), endsAt: at(9, 45), saleClosesAt: at(9) });
  });
});

describe('a layout', () => {
  const seat = (label: string, other: object = {}) => ({
    label,
    section: 'Hall',
    row: 'A',
    number: '1',
    x: Number(label.slice(1)),
    y: 1,
    tier: 'standard',
    kind: 'standard',
    ...other,
  });
  const json = (seats: object[], other: object = {}) => ({
    width: 10,
    height: 4,
    stage: null,
    sections: [{ name: 'Hall' }],
    seats,
    ...other,
  });
  let cinemaId: number;
  const hall = (layout: object) => admin.call('POST', '/halls', { cinemaId, name: 'A hall', layout });

  beforeAll(async () => {
    ({ cinemaId } = await admin.hall(rowOf('s')));
  });

  it('is taken with the coordinates of its seats as with a text', async () => {
    const answer = await hall(json([seat('A1'), seat('A2')]));
    expect(answer).toMatchObject({ status: 201, body: { seatCount: 2 } });
  });

  it('is taken as it was read', async () => {
    const { showId } = await admin.show(rowOf('s_S'), { standard: 900, premium: 1200 });
    const asRead = await read<Layout>(`/v1/shows/${showId}/layout`);
    const { hallId } = (await hall(asRead)).body as { hallId: number };
    const body = { movieId: await admin.movie(), hallId, startsAt: at(10), currency: 'EUR' };
    const other = await admin.make<Show>('/shows', { ...body, prices: { standard: 900, premium: 1200 } });
    expect(await read<Layout>(`/v1/shows/${other.showId}/layout`)).toEqual({
      ...asRead,
      layoutId: expect.any(Number),
    });
  });

  it('is refused with the row and what is wrong', async () => {
    const wrong: [object, string, string][] = [
      [
        json([seat('A1'), seat('A1', { x: 3 })]),
        'layout.seats.1.label',
        'row A of Hall: the label A1 is on seat 0 too',
      ],
      [
        json([seat('A1', { x: 11 })]),
        'layout.seats.0.x',
        'row A of Hall: seat A1 at 11, 1 is outside the hall of 10 × 4',
      ],
      [json([seat('A1', { section: 'Pit' })]), 'layout.seats.0.section', 'section Pit'],
      [json([seat('A1', { kind: 'throne' })]), 'layout.seats.0.kind', ''],
      [json([seat('A1', { tier: undefined })]), 'layout.seats.0.tier', ''],
      [json([]), 'layout.seats', 'one seat at least'],
      [json([seat('A1')], { stage: { label: 'Screen', x: 8, y: 0, width: 9, height: 1 } }), 'layout.stage', 'Screen'],
      [{ text: 'A sss\nA ss' }, 'layout.text', 'line 2: row A of Hall: the label A1 is on seat 0 too'],
      [{ text: 'A sssx' }, 'layout.text', 'line 1: row A: "x" stands for no seat'],
      [{ text: '' }, 'layout.text', 'line 1'],
    ];
    for (const [layout, path, message] of wrong) {
      const answer = await hall(layout);
      expect(answer.status).toBe(400);
      const [issue] = issuesOf(answer);
      expect(issue).toEqual({ path, message: expect.stringContaining(message) });
    }
  });

  it('has 100,000 seats at most, in either form, and who lacks the key cannot even send so much', async () => {
    const rows = (count: number) => ({ text: `1-${count} 250s` });
    expect(await hall(rows(400))).toMatchObject({ status: 201, body: { seatCount: 100_000 } });
    expect(issuesOf(await hall({ text: '1-400 250s\nlast s' }))).toEqual([
      { path: 'layout.text', message: 'line 2: row last: with it the hall has more than 100,000 seats' },
    ]);
    const many = Array.from({ length: 100_001 }, (_, index) => seat(`A${index}`));
    const tooMany = json(many, { width: 1e6 });
    expect(issuesOf(await hall(tooMany))).toEqual([
      { path: 'layout.seats', message: 'has 100,001 seats; a hall has 100,000 at most' },
    ]);
    const body = JSON.stringify({ cinemaId, name: 'A hall', layout: tooMany });
    const headers = { 'content-type': 'application/json' };
    const send = (more: Record<string, string>) =>
      fetch(`${app.url}/v1/admin/halls`, { method: 'POST', headers: { ...headers, ...more }, body });
    expect((await send({ 'x-api-key': 'a guess at the key' })).status).toBe(401);
    const answer = await send({});
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'INVALID_REQUEST',
      detail: expect.stringContaining('too large'),
    });
  }, 90_000);
});

describe('values at and beyond what can be stored', () => {
  const big = 2 ** 31;

  it('are refused for times, days, ids and numbers, and none is a defect', async () => {
    const show = await admin.show(rowOf('4s'), { standard: 1000 });
    const movieId = await admin.movie();
    const times = ['9999-12-31T00:00:00Z', '0000-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2200-01-01T00:00:00Z'];
    const wrongTimes = [...times, '2031-02-29T12:00:00Z', '2031-01-01T12:00:00+19:00', '2031-12-31T23:59:60Z'];
    const planned = { movieId, hallId: show.hall.hallId, startsAt: at(3), currency: 'EUR', prices: { standard: 1 } };
    const refused: [string, string, object][] = [
      ...wrongTimes.flatMap((time): [string, string, object][] => [
        ['POST', '/shows', { ...planned, startsAt: time }],
        ['POST', '/shows', { ...planned, saleOpensAt: time }],
        ['PATCH', `/shows/${show.showId}`, { startsAt: time }],
        ['PATCH', `/shows/${show.showId}`, { saleClosesAt: time }],
      ]),
      ...['0000-01-01', '1879-12-31', '2200-01-01', '9999-12-31', '2031-02-29'].map((day): [string, string, object] => [
        'PATCH',
        `/movies/${movieId}`,
        { releaseDate: day },
      ]),
      ['PATCH', `/movies/${movieId}`, { durationMinutes: big }],
      ['PATCH', `/movies/${movieId}`, { title: 'a\u0000b' }],
      ['PATCH', `/movies/${movieId}`, { posterUrl: 'https://a.example/\u0000' }],
      ['POST', '/cities', { ...city, lat: 91 }],
      ['POST', '/cities', { ...city, lon: 1e300 }],
      ['POST', `/shows/${show.showId}/call-off`, { reason: 'a\u0000b' }],
      ['POST', '/api-keys', { name: 'a\nb', roles: ['gate'] }],
    ];
    for (const [method, path, body] of refused) {
      const { status } = await admin.call(method, path, body);
      expect({ method, path, body, status }).toEqual({ method, path, body, status: 400 });
    }
    const kept = await admin.call('PATCH', `/movies/${movieId}`, { releaseDate: '1895-12-28' });
    expect(kept).toMatchObject({ status: 200, body: { releaseDate: '1895-12-28' } });
  });

  it('are NOT_FOUND or INVALID_REQUEST where they are ids, in paths, queries and bodies', async () => {
    const { showId } = await admin.show(rowOf('4s'), { standard: 1000 });
    const movieId = await admin.movie();
    for (const id of [big, 2 ** 53 - 1, 2 ** 53, 1e20, -1, 0.5]) {
      const calls: [string, string, object?][] = [
        ['POST', '/cinemas', { cityId: id, name: 'A', address: '', postalCode: '', lat: 1, lon: 1 }],
        ['POST', '/halls', { cinemaId: id, name: 'A', layout: { text: 'A s' } }],
        ['POST', '/shows', { movieId: id, hallId: id, startsAt: at(5), currency: 'EUR', prices: { standard: 1 } }],
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
    for (const path of [`movies/${movieId}/showtimes?cityId=${big}`, `bookings?showId=${big}`, `shows/${big}/queue`]) {
      expect((await fetch(`${app.url}/v1/${path}`)).status).toBeLessThan(500);
    }
    expect((await admin.call('GET', `/shows/${showId}/log?after=999999999999999`)).status).toBeLessThan(500);
  });

  it('are refused or find nothing in searches and lists', async () => {
    const searches = [
      'from=9999-12-31T00:00:00Z',
      'from=0000-01-01T00:00:00Z',
      'to=9999-12-31T23:59:59-18:00',
      'from=1900-01-01T00:00:00Z&to=2199-12-31T00:00:00Z',
      'keyword=%00',
      'keyword=%E0%A4',
      `city=${big}`,
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
