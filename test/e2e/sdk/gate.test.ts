import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ApiKeyMade, Ticket } from '@usher/contract';
import { createGate, createUsher, type Gate, type GateOptions, type GateStorage, type GateView } from '@usher/client';
import type pg from 'pg';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { book } from '../../support/booked.js';
import { testPool } from '../../support/database.js';
import { LossyProxy } from '../../support/lossy-proxy.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

let app: TestApp;
let pool: pg.Pool;
let buyer: RestCaller;
let key: ApiKeyMade;
let proxy: LossyProxy;
let showId: number;
let tickets: Ticket[];
const gates: Gate[] = [];

beforeAll(async () => {
  app = await startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } });
  pool = testPool(app.databaseUrl, 2);
  buyer = await RestCaller.begin(app.url);
  key = await makeKey(app.url, { name: 'North', roles: ['gate'] });
});

beforeEach(async () => {
  proxy = await LossyProxy.start(app.url);
  showId = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
  const { bookingId } = await book(pool, buyer, showId, [0, 1, 2]);
  tickets = (await buyer.call('GET', `/v1/bookings/${bookingId}/tickets`)).body.items as Ticket[];
});

afterEach(async () => {
  for (const gate of gates.splice(0)) gate.close();
  await proxy.close();
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

async function openGate(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = createGate({ url: proxy.url, apiKey: key.key, showId, name: 'East', ...options });
  gates.push(gate);
  await gate.ready;
  return gate;
}

const memory = (): GateStorage & { kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => JSON.parse(kept.get(name) ?? 'null') as unknown,
    set: async (name, value) => void kept.set(name, JSON.stringify(value)),
  };
};

const becomes = (gate: Gate, fits: (view: GateView) => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`still ${JSON.stringify(gate.getSnapshot())}`)), 15_000);
    const look = () => {
      if (!fits(gate.getSnapshot())) return;
      clearTimeout(late);
      stop();
      resolve();
    };
    const stop = gate.subscribe(look);
    look();
  });

it('lets in by the server while there is one', async () => {
  const { checkIns } = createUsher({ url: app.url, apiKey: key.key });
  const [first, second] = tickets;
  expect(await checkIns.checkIn({ code: first!.code, gate: 'West' }, { key: 'one' })).toMatchObject({
    result: 'admitted',
  });
  expect(await checkIns.checkIn({ code: first!.code }, { key: 'one' })).toMatchObject({ result: 'admitted' });
  expect(await checkIns.checkIn({ code: 'made up' })).toMatchObject({ result: 'forged' });
  await expect(checkIns.checkIn({ code: '' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  const gate = await openGate();
  expect(gate.getSnapshot()).toMatchObject({ isOnline: true, tickets: 3, used: 1, waiting: 0, refused: null });
  expect(await gate.check(` ${second!.code}\n`)).toMatchObject({
    result: 'admitted',
    label: 'A2',
    gate: 'East',
    isDisputed: false,
    isOffline: false,
    isRepaired: false,
  });
  expect(await gate.check(first!.code)).toMatchObject({ result: 'used', gate: 'West' });
  expect(gate.getSnapshot().used).toBe(2);
});

it('knows a check-in as its own whose answer was lost, and hands it in without a conflict', async () => {
  const gate = await openGate();
  proxy.loses = { calls: /./, answers: Infinity };
  expect(await gate.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true });
  const { rows } = await pool.query<{ at: string }>('select used_at as at from ticket where ticket_id = $1', [
    tickets[0]!.ticketId,
  ]);
  expect(rows[0]?.at).not.toBeNull();
  proxy.loses = { calls: /./, answers: 0 };
  await becomes(gate, ({ isOnline, waiting }) => isOnline && waiting === 0);
  expect(gate.getSnapshot()).toMatchObject({ conflicts: [], used: 1 });
});

it('goes on by the list, whatever becomes of the process, and says afterwards who had no right to', async () => {
  const storage = memory();
  const far = await LossyProxy.start(app.url);
  const [here, there] = [await openGate({ storage }), await openGate({ name: 'West', url: far.url })];
  proxy.isGone = far.isGone = true;
  expect(await here.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true, gate: 'East' });
  expect(await there.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true, gate: 'West' });
  // Two who come with one ticket at one moment.
  const both = await Promise.all([here.check(tickets[1]!.code), here.check(tickets[1]!.code)]);
  expect(both.map(({ result }) => result).toSorted()).toEqual(['admitted', 'used']);
  // The number under a code is as good as the code.
  expect(await here.check(tickets[0]!.ticketId)).toMatchObject({ result: 'used', isOffline: true, gate: 'East' });
  here.close();
  const again = await openGate({ storage });
  expect(again.getSnapshot()).toMatchObject({ isOnline: false, waiting: 2, tickets: 3, used: 2 });
  expect(await again.check(tickets[0]!.code)).toMatchObject({ result: 'used', gate: 'East' });
  proxy.isGone = false;
  await becomes(again, ({ isOnline, waiting }) => isOnline && waiting === 0);
  far.isGone = false; // the other one comes back later, and so is the one that was wrong
  await becomes(there, ({ conflicts, isOnline }) => isOnline && conflicts.length > 0);
  expect(again.getSnapshot().conflicts).toEqual([]);
  expect(there.getSnapshot().conflicts).toMatchObject([{ label: 'A1', result: 'used', gate: 'East' }]);
  await there.forgetConflicts();
  expect(there.getSnapshot().conflicts).toEqual([]);
  there.close();
  await far.close();
});

it('remembers who came in by the server’s word, though its list is older', async () => {
  const storage = memory();
  const gate = await openGate({ storage });
  await gate.check(tickets[0]!.code);
  gate.close();
  proxy.isGone = true;
  const again = await openGate({ storage });
  expect(await again.check(tickets[0]!.code)).toMatchObject({ result: 'used', gate: 'East', isOffline: true });
});

it('lets nobody in whom it could not remember', async () => {
  const storage = memory();
  const gate = await openGate({
    storage: {
      ...storage,
      set: (name, value) =>
        name.endsWith('admissions') ? Promise.reject(new Error('full')) : storage.set(name, value),
    },
  });
  proxy.isGone = true;
  await expect(gate.check(tickets[0]!.code)).rejects.toThrow('full');
  expect(gate.getSnapshot().waiting).toBe(0);
});

it('says so when it has neither server nor list, or is not wanted by the server', async () => {
  proxy.isGone = true;
  const alone = await openGate();
  expect(alone.getSnapshot()).toMatchObject({ isOnline: false, listOf: null });
  await expect(alone.check(tickets[0]!.code)).rejects.toMatchObject({ code: 'NETWORK' });
  proxy.isGone = false;
  const staff = await makeKey(app.url, { roles: ['staff'] });
  const refused = await openGate({ apiKey: staff.key });
  expect(refused.getSnapshot().refused).toMatchObject({ code: 'FORBIDDEN' });
  await expect(refused.check(tickets[0]!.code)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const lost = await openGate({ showId: 999_999 });
  expect(lost.getSnapshot().refused).toMatchObject({ code: 'NOT_FOUND' });
});
