import { beforeAll, describe, expect, it } from '@jest/globals';
import { Hall, Layout } from '@usher/contract';
import { Admin, hourOfDay, rowOf } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { readIssues, validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

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
    const asRead = await app.getJson(`/v1/shows/${showId}/layout`, Layout);
    const { hallId } = validate(Hall, (await createHall(asRead)).body);
    const body = { movieId: await admin.movie(), hallId, startsAt: hourOfDay(10), currency: 'EUR' };
    const other = await admin.make('/shows', { ...body, prices: { standard: 900, premium: 1200 } });
    expect(await app.getJson(`/v1/shows/${other.showId}/layout`, Layout)).toEqual({
      ...asRead,
      layoutId: expect.any(Number),
    });
  });

  it('is rejected with the place of the error and the reason if it is invalid', async () => {
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
      [makeLayout([]), 'layout.seats', 'at least one seat'],
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
      const [issue] = readIssues(answer.body);
      expect(issue).toEqual({ path, message: expect.stringContaining(message) });
    }
  });

  it('may have at most 100,000 seats in either form, and an upload of this size needs a valid API key', async () => {
    const rows = (count: number) => ({ text: `1-${count} 250s` });
    expect(await createHall(rows(400))).toMatchObject({ status: 201, body: { seatCount: 100_000 } });
    expect(readIssues((await createHall({ text: '1-400 250s\nlast s' })).body)).toEqual([
      { path: 'layout.text', message: 'line 2: row last: the hall would have more than 100,000 seats' },
    ]);
    const tooManySeats = Array.from({ length: 100_001 }, (_, index) => makeSeat(`A${index}`));
    const tooLargeLayout = makeLayout(tooManySeats, { width: 1e6 });
    expect(readIssues((await createHall(tooLargeLayout)).body)).toEqual([
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

  it.each([5000, 40_000])('is rejected if it has %i levels', async (levels) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"seats":', '}'],
    ] as const) {
      const layout = `${open.repeat(levels)}1${close.repeat(levels)}`;
      const headers = { 'content-type': 'application/json', 'x-api-key': adminKey };
      const body = `{"cinemaId":${cinemaId},"name":"Deep","layout":${layout}}`;
      const answer = await fetch(`${app.url}/v1/admin/halls`, { method: 'POST', headers, body });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'INVALID_REQUEST' }]);
    }
  });

  it('is read on a thread of its own, so that 100,000 seats do not hold the event loop', async () => {
    const seats = Array.from({ length: 100_000 }, (_, n) =>
      makeSeat(`A${n}`, { x: 1 + (n % 400), y: 1 + Math.floor(n / 400) }),
    );
    const body = JSON.stringify({
      cinemaId,
      name: 'A stadium',
      layout: makeLayout(seats, { width: 500, height: 300 }),
    });
    const headers = { 'content-type': 'application/json', 'x-api-key': adminKey, 'idempotency-key': 'stadium' };
    // Each reading of the metrics starts a new maximum.
    await readLoopLagMax();
    const answer = await fetch(`${app.url}/v1/admin/halls`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([201, { seatCount: 100_000 }]);
    // 0.06 s here. When the main thread parsed and inserted the layout, this was 1.2 s.
    expect(await readLoopLagMax()).toBeLessThan(0.4);
  });

  /** Returns the longest time in seconds for which the event loop of the service was held since the last call. */
  async function readLoopLagMax(): Promise<number> {
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    const value = /^nodejs_eventloop_lag_max_seconds (.+)$/m.exec(metrics)?.[1];
    return Number(value);
  }
});
