import { describe, expect, it } from '@jest/globals';
import { endpoints, Show } from '@usher/contract';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

describe('a show’s log', () => {
  it('lists every event page by page, oldest first, and contains no secret', async () => {
    const { showId } = await admin.showInRow('sss');
    const readLog = async (query: string) => {
      const { body } = await admin.call('GET', `/shows/${showId}/log${query}`);
      return validate(endpoints.readShowLog.answer, body);
    };
    expect(await readLog('')).toEqual({ items: [], nextCursor: null });
    const buyer = await app.connect();
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [0], key: 'a secret key' });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    await admin.call('POST', `/shows/${showId}/blocks`, { seats: [2] });
    await admin.call('PATCH', `/shows/${showId}`, { prices: { standard: 7 } });
    await admin.call('POST', `/shows/${showId}/call-off`, { reason: 'a test' });

    const all = await readLog('?limit=100');
    const { sessionId, bookingId } = booking;
    expect(all.items.map(({ seq, version, changes }) => ({ seq, version, changes }))).toMatchObject([
      { seq: 1, version: 1, changes: [{ type: 'reserved', seats: [0], bookingId, sessionId }] },
      { seq: 2, version: 2, changes: [{ type: 'ended', status: 'released', seats: [0], bookingId }] },
      { seq: 3, version: 3, changes: [{ type: 'blocked', seats: [2], bookingId: null }] },
      { seq: 4, version: 3, changes: [{ type: 'termsChanged', terms: { prices: { standard: 7 } }, seats: null }] },
      { seq: 5, version: 3, changes: [{ type: 'calledOff', terms: null }] },
    ]);
    expect(JSON.stringify(all)).not.toContain('a secret key');
    const first = await readLog('?limit=2');
    expect(first).toEqual({ items: all.items.slice(0, 2), nextCursor: '2' });
    expect(await readLog(`?limit=100&after=${first.nextCursor}`)).toEqual({
      items: all.items.slice(2),
      nextCursor: null,
    });
    expect((await admin.call('GET', `/shows/${showId}/log?after=x`)).status).toBe(400);
    expect((await admin.call('GET', '/shows/999999/log')).status).toBe(404);
  });
});

it('refuses every administration call that has no API key or an unknown one', async () => {
  const { showId } = await admin.showInRow('s');
  const calls: [string, string][] = [
    ['POST', 'cities'],
    ['PATCH', 'cities/1'],
    ['POST', 'cinemas'],
    ['PATCH', 'cinemas/1'],
    ['POST', 'halls'],
    ['PATCH', 'halls/1'],
    ['POST', 'movies'],
    ['PATCH', 'movies/1'],
    ['POST', 'shows'],
    ['PATCH', `shows/${showId}`],
    ['POST', `shows/${showId}/blocks`],
    ['DELETE', `shows/${showId}/blocks`],
    ['GET', `shows/${showId}/log`],
  ];
  for (const [method, path] of calls) {
    const withoutKey = await fetch(`${app.url}/v1/admin/${path}`, { method });
    const wrongKey = await fetch(`${app.url}/v1/admin/${path}`, { method, headers: { 'x-api-key': 'another key' } });
    expect({ method, path, statuses: [withoutKey.status, wrongKey.status] }).toEqual({
      method,
      path,
      statuses: [401, 401],
    });
  }
  expect(await app.getJson(`/v1/shows/${showId}`, Show)).toMatchObject({ calledOff: false });
});
