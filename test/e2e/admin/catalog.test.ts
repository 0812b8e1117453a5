import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Hall, Layout, Show } from '@usher/contract';
import { Admin, adminKey, rowOf } from '../../support/admin.js';
import { useApp } from '../../support/file-app.js';

const app = useApp({ env: { ADMIN_API_KEY: adminKey } });
let admin: Admin;

beforeAll(async () => {
  admin = await Admin.of(app.url);
});

const getJson = async <T>(path: string): Promise<T> => {
  const answer = await fetch(app.url + path);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return (await answer.json()) as T;
};

const city = { name: 'Zürich', country: 'CH', timeZone: 'Europe/Zurich', lat: 47.37, lon: 8.54 };
const readIssues = ({ body }: { body: Record<string, unknown> }) =>
  body['issues'] as { path: string; message: string }[];

const hourOfDay = (hours: number, minutes = 0) => new Date(Date.UTC(2031, 4, 1, hours, minutes)).toISOString();

describe('resources that an administrator creates and changes', () => {
  it('returns the same body as a read, and a PATCH changes only the fields that it names', async () => {
    const made = await admin.call('POST', '/cities', city);
    const cityId = Number(made.body['cityId']);
    expect(made).toMatchObject({ status: 201, body: { ...city, cityId } });
    const renamed = await admin.call('PATCH', `/cities/${cityId}`, { name: 'Genève' });
    expect(renamed).toMatchObject({ status: 200, body: { ...city, cityId, name: 'Genève' } });
    expect(await getJson(`/v1/cities?q=geneve`)).toMatchObject({ items: [renamed.body] });

    const cinemaBody = { cityId, name: 'Kino', address: 'Weg 1', postalCode: '8001', lat: 47.4, lon: 8.5 };
    const cinema = await admin.make<{ cinemaId: number }>('/cinemas', cinemaBody);
    expect(cinema).toEqual(await getJson(`/v1/cinemas/${cinema.cinemaId}`));
    const moved = await admin.call('PATCH', `/cinemas/${cinema.cinemaId}`, { address: 'Weg 2' });
    expect(moved.body).toEqual({ ...cinema, address: 'Weg 2' });

    const movie = await admin.make<{ movieId: number }>('/movies', {
      title: 'Amélie',
      people: [{ name: 'Jean-Pierre Jeunet', role: 'director' }],
      genres: ['Comedy'],
      durationMinutes: 122,
      releaseDate: '2001-04-25',
    });
    expect(movie).toEqual(await getJson(`/v1/movies/${movie.movieId}`));
    const synopsis = 'A waitress helps.';
    const changed = await admin.call('PATCH', `/movies/${movie.movieId}`, { synopsis, releaseDate: null });
    expect(changed.body).toEqual({ ...movie, synopsis, releaseDate: null });

    const text = rowOf('ss_SS');
    const hall = await admin.make<Hall>('/halls', { cinemaId: cinema.cinemaId, name: 'Saal 1', layout: { text } });
    expect(hall).toMatchObject({ cinemaId: cinema.cinemaId, name: 'Saal 1', seatCount: 4 });
    const show = await admin.make<Show>('/shows', {
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
    expect(show).toEqual(await getJson(`/v1/shows/${show.showId}`));
  });

  it('answers NOT_FOUND for a reference to a missing resource, and for a change to one', async () => {
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

  it('rejects an invalid field and names it', async () => {
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
      expect({ status: answer.status, paths: readIssues(answer).map((issue) => issue.path) }).toEqual({
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
    expect(readIssues(await createShow({ prices: { standard: 900 } }))).toEqual([
      { path: 'prices.premium', message: 'is missing; the hall has seats of this tier, so it needs a price' },
    ]);
    expect(readIssues(await createShow({ prices: { standard: 900, premium: 1200, royal: 1 } }))).toMatchObject([
      { path: 'prices.royal' },
    ]);
    expect(readIssues(await createShow({ saleOpensAt: hourOfDay(21) }))).toMatchObject([{ path: 'saleOpensAt' }]);
    for (const startsAt of ['2031-02-30T20:00:00.000Z', 'tomorrow', '2031-05-01', '2031-05-01T20:00:00']) {
      expect(readIssues(await createShow({ startsAt }))).toMatchObject([{ path: 'startsAt' }]);
    }
  });

  it('cannot overlap another show in its hall, even when both are created at once, but may follow directly', async () => {
    const { hallId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie(120);
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const first = await admin.make<Show>('/shows', { ...body, startsAt: hourOfDay(18) });
    for (const startsAt of [hourOfDay(17), hourOfDay(18), hourOfDay(19, 59)]) {
      expect(readIssues(await admin.call('POST', '/shows', { ...body, startsAt }))).toEqual([
        { path: 'startsAt', message: `the hall has show ${first.showId} at that time` },
      ]);
    }
    const later = await admin.make<Show>('/shows', { ...body, startsAt: hourOfDay(20) });
    const overlapping = await admin.call('PATCH', `/shows/${later.showId}`, {
      startsAt: hourOfDay(19),
      prices: { standard: 1 },
    });
    expect(readIssues(overlapping)).toMatchObject([{ path: 'startsAt' }]);
    expect(await getJson(`/v1/shows/${later.showId}`)).toEqual(later);

    const creations = Array.from({ length: 5 }, () =>
      admin.call('POST', '/shows', { ...body, startsAt: hourOfDay(23) }),
    );
    const statuses = (await Promise.all(creations)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400, 400, 400, 400]);

    await admin.call('POST', `/shows/${first.showId}/call-off`, { reason: 'no film' });
    await admin.make<Show>('/shows', { ...body, startsAt: hourOfDay(17, 30) });
  });

  it('keeps its layout when its hall gets a new one, which only later shows use', async () => {
    const { hallId, layoutId } = await admin.hall(rowOf('ss'));
    const movieId = await admin.movie();
    const body = { movieId, hallId, currency: 'EUR', prices: { standard: 900 } };
    const before = await admin.make<Show>('/shows', { ...body, startsAt: hourOfDay(10) });
    const rebuilt = await admin.call('PATCH', `/halls/${hallId}`, { layout: { text: rowOf('5s') } });
    expect(rebuilt.body).toMatchObject({ hallId, seatCount: 5 });
    const after = await admin.make<Show>('/shows', { ...body, startsAt: hourOfDay(12) });
    expect(await getJson<Layout>(`/v1/shows/${before.showId}/layout`)).toMatchObject({ layoutId, seatCount: 2 });
    expect(await getJson<Layout>(`/v1/shows/${after.showId}/layout`)).toMatchObject({ seatCount: 5 });
    const changedBack = await admin.call('PATCH', `/shows/${before.showId}`, { hallId });
    expect(readIssues(changedBack)).toMatchObject([{ path: 'hallId' }]);
  });

  it('accepts a start time with any offset, and rejects an unknown currency', async () => {
    const [{ hallId }, movieId] = [await admin.hall(rowOf('ss')), await admin.movie()];
    const body = { movieId, hallId, startsAt: '2042-12-24T20:15:00+01:00', prices: { standard: 900 } };
    const refused = await admin.call('POST', '/shows', { ...body, currency: 'XXY' });
    expect(readIssues(refused)).toMatchObject([{ path: 'currency' }]);
    const show = await admin.make<Show>('/shows', { ...body, currency: 'EUR' });
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

describe('a layout that an administrator uploads', () => {
  const makeSeat = (label: string, other: object = {}) => ({
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
  const makeLayout = (seats: object[], other: object = {}) => ({
    width: 10,
    height: 4,
    stage: null,
    sections: [{ name: 'Hall' }],
    seats,
    ...other,
  });
  let cinemaId: number;
  const createHall = (layout: object) => admin.call('POST', '/halls', { cinemaId, name: 'A hall', layout });

  beforeAll(async () => {
    ({ cinemaId } = await admin.hall(rowOf('s')));
  });

  it('can be sent as seats with coordinates instead of as text', async () => {
    const answer = await createHall(makeLayout([makeSeat('A1'), makeSeat('A2')]));
    expect(answer).toMatchObject({ status: 201, body: { seatCount: 2 } });
  });

  it('can be sent in the form in which it was read', async () => {
    const { showId } = await admin.show(rowOf('s_S'), { standard: 900, premium: 1200 });
    const asRead = await getJson<Layout>(`/v1/shows/${showId}/layout`);
    const { hallId } = (await createHall(asRead)).body as { hallId: number };
    const body = { movieId: await admin.movie(), hallId, startsAt: hourOfDay(10), currency: 'EUR' };
    const other = await admin.make<Show>('/shows', { ...body, prices: { standard: 900, premium: 1200 } });
    expect(await getJson<Layout>(`/v1/shows/${other.showId}/layout`)).toEqual({
      ...asRead,
      layoutId: expect.any(Number),
    });
  });

  it('is rejected with the row and the reason', async () => {
    const invalidCases: [object, string, string][] = [
      [
        makeLayout([makeSeat('A1'), makeSeat('A1', { x: 3 })]),
        'layout.seats.1.label',
        'row A of Hall: seat 0 already has the label A1',
      ],
      [
        makeLayout([makeSeat('A1', { x: 11 })]),
        'layout.seats.0.x',
        'row A of Hall: seat A1 at 11, 1 is outside the hall, which is 10 × 4',
      ],
      [makeLayout([makeSeat('A1', { section: 'Pit' })]), 'layout.seats.0.section', 'section Pit'],
      [makeLayout([makeSeat('A1', { kind: 'throne' })]), 'layout.seats.0.kind', ''],
      [makeLayout([makeSeat('A1', { tier: undefined })]), 'layout.seats.0.tier', ''],
      [makeLayout([]), 'layout.seats', 'one seat at least'],
      [
        makeLayout([makeSeat('A1')], { stage: { label: 'Screen', x: 8, y: 0, width: 9, height: 1 } }),
        'layout.stage',
        'Screen',
      ],
      [{ text: 'A sss\nA ss' }, 'layout.text', 'line 2: row A of Hall: seat 0 already has the label A1'],
      [{ text: 'A sssx' }, 'layout.text', 'line 1: row A: "x" is not a seat'],
      [{ text: '' }, 'layout.text', 'line 1'],
    ];
    for (const [layout, path, message] of invalidCases) {
      const answer = await createHall(layout);
      expect(answer.status).toBe(400);
      const [issue] = readIssues(answer);
      expect(issue).toEqual({ path, message: expect.stringContaining(message) });
    }
  });

  it('has at most 100,000 seats in either form, and only a caller with a valid key may upload that much', async () => {
    const rows = (count: number) => ({ text: `1-${count} 250s` });
    expect(await createHall(rows(400))).toMatchObject({ status: 201, body: { seatCount: 100_000 } });
    expect(readIssues(await createHall({ text: '1-400 250s\nlast s' }))).toEqual([
      { path: 'layout.text', message: 'line 2: row last: the hall would have more than 100,000 seats' },
    ]);
    const tooManySeats = Array.from({ length: 100_001 }, (_, index) => makeSeat(`A${index}`));
    const tooLargeLayout = makeLayout(tooManySeats, { width: 1e6 });
    expect(readIssues(await createHall(tooLargeLayout))).toEqual([
      { path: 'layout.seats', message: 'has 100,001 seats; a hall may have at most 100,000' },
    ]);
    const body = JSON.stringify({ cinemaId, name: 'A hall', layout: tooLargeLayout });
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

describe('values at and beyond the bounds of the tables', () => {
  const tooLargeId = 2 ** 31;

  it('are rejected as times, days, ids and numbers, and never cause a server error', async () => {
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

  it('answer NOT_FOUND or INVALID_REQUEST as ids in paths, queries and bodies', async () => {
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
