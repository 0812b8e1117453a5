import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ApiKeyMade, Ticket } from '@usher/contract';
import { createGate, createUsher, type Gate, type GateOptions, type GateStorage, type GateView } from '@usher/client';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { book } from '../../support/book-seats.js';
import { LossyProxy } from '../../support/lossy-proxy.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { waitForValue } from '../../support/wait-for-value.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
let buyer: RestCaller;
let key: ApiKeyMade;
let proxy: LossyProxy;
let showId: number;
let tickets: Ticket[];
const gates: Gate[] = [];

beforeAll(async () => {
  buyer = await RestCaller.begin(app.url);
  key = await makeKey(app.url, { name: 'North', roles: ['gate'] });
});

beforeEach(async () => {
  proxy = await LossyProxy.start(app.url);
  showId = await makeShow(app.pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
  const { bookingId } = await book(app.pool, buyer, showId, [0, 1, 2]);
  tickets = await fetchTicketsOf(buyer, bookingId);
});

afterEach(async () => {
  for (const gate of gates.splice(0)) gate.close();
  await proxy.close();
});

async function openGate(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = createGate({ url: proxy.url, apiKey: key.key, showId, name: 'East', ...options });
  gates.push(gate);
  await gate.ready;
  return gate;
}

const createStorage = (): GateStorage & { kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => JSON.parse(kept.get(name) ?? 'null') as unknown,
    set: async (name, value) => void kept.set(name, JSON.stringify(value)),
  };
};

const waitForView = (gate: Gate, fits: (view: GateView) => boolean): Promise<true> =>
  waitForValue(() => fits(gate.getSnapshot()) || undefined, {
    subscribe: gate.subscribe,
    deadlineMs: 15_000,
    describe: () => `no view matched; the last view was ${JSON.stringify(gate.getSnapshot())}`,
  });

it('a gate that is online checks tickets on the server', async () => {
  const { checkIns } = createUsher({ url: app.url, apiKey: key.key });
  const [first, second] = tickets;
  expect(await checkIns.checkIn({ code: first!.code, gate: 'West' }, { key: 'one' })).toMatchObject({
    result: 'admitted',
  });
  expect(await checkIns.checkIn({ code: first!.code }, { key: 'one' })).toMatchObject({ result: 'admitted' });
  expect(await checkIns.checkIn({ code: 'made up' })).toMatchObject({ result: 'forged' });
  await expect(checkIns.checkIn({ code: '' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  const gate = await openGate();
  expect(gate.getSnapshot()).toMatchObject({
    isOnline: true,
    ticketCount: 3,
    usedCount: 1,
    pendingCount: 0,
    refusal: null,
  });
  expect(await gate.check(` ${second!.code}\n`)).toMatchObject({
    result: 'admitted',
    label: 'A2',
    gate: 'East',
    isDisputed: false,
    isOffline: false,
    isRepaired: false,
  });
  expect(await gate.check(first!.code)).toMatchObject({ result: 'used', gate: 'West' });
  expect(gate.getSnapshot().usedCount).toBe(2);
});

it('a gate can upload a check-in whose answer was lost, and its own first request causes no conflict', async () => {
  const gate = await openGate();
  proxy.losses = { calls: /./, remaining: Infinity };
  expect(await gate.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true });
  const { rows } = await app.pool.query<{ at: string }>('select used_at as at from ticket where ticket_id = $1', [
    tickets[0]!.ticketId,
  ]);
  expect(rows[0]?.at).not.toBeNull();
  proxy.losses = { calls: /./, remaining: 0 };
  await waitForView(gate, ({ isOnline, pendingCount }) => isOnline && pendingCount === 0);
  expect(gate.getSnapshot()).toMatchObject({ conflicts: [], usedCount: 1 });
});

it('an offline gate continues with its list of tickets, even after a restart, and later reports conflicts', async () => {
  const storage = createStorage();
  const otherProxy = await LossyProxy.start(app.url);
  const [gate, otherGate] = [await openGate({ storage }), await openGate({ name: 'West', url: otherProxy.url })];
  proxy.isDown = otherProxy.isDown = true;
  expect(await gate.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true, gate: 'East' });
  expect(await otherGate.check(tickets[0]!.code)).toMatchObject({ result: 'admitted', isOffline: true, gate: 'West' });
  // Two people show the same ticket at the same moment.
  const results = await Promise.all([gate.check(tickets[1]!.code), gate.check(tickets[1]!.code)]);
  expect(results.map(({ result }) => result).toSorted()).toEqual(['admitted', 'used']);
  // The ticket number, which is printed under the code, works like the code.
  expect(await gate.check(tickets[0]!.ticketId)).toMatchObject({ result: 'used', isOffline: true, gate: 'East' });
  gate.close();
  const reopened = await openGate({ storage });
  expect(reopened.getSnapshot()).toMatchObject({ isOnline: false, pendingCount: 2, ticketCount: 3, usedCount: 2 });
  expect(await reopened.check(tickets[0]!.code)).toMatchObject({ result: 'used', gate: 'East' });
  proxy.isDown = false;
  await waitForView(reopened, ({ isOnline, pendingCount }) => isOnline && pendingCount === 0);
  otherProxy.isDown = false; // The other gate uploads later, so its admission is the conflict.
  await waitForView(otherGate, ({ conflicts, isOnline }) => isOnline && conflicts.length > 0);
  expect(reopened.getSnapshot().conflicts).toEqual([]);
  expect(otherGate.getSnapshot().conflicts).toMatchObject([{ label: 'A1', result: 'used', gate: 'East' }]);
  await otherGate.clearConflicts();
  expect(otherGate.getSnapshot().conflicts).toEqual([]);
  otherGate.close();
  await otherProxy.close();
});

it('a gate remembers which tickets the server admitted after the gate had fetched its list', async () => {
  const storage = createStorage();
  const gate = await openGate({ storage });
  await gate.check(tickets[0]!.code);
  gate.close();
  proxy.isDown = true;
  const reopened = await openGate({ storage });
  expect(await reopened.check(tickets[0]!.code)).toMatchObject({ result: 'used', gate: 'East', isOffline: true });
});

it('a gate admits nobody whose admission it cannot store', async () => {
  const storage = createStorage();
  const gate = await openGate({
    storage: {
      ...storage,
      set: (name, value) =>
        name.endsWith('admissions') ? Promise.reject(new Error('full')) : storage.set(name, value),
    },
  });
  proxy.isDown = true;
  await expect(gate.check(tickets[0]!.code)).rejects.toThrow('full');
  expect(gate.getSnapshot().pendingCount).toBe(0);
});

it('a gate reports that it has neither a server nor a list, or that the server refuses it', async () => {
  proxy.isDown = true;
  const gateWithoutServer = await openGate();
  expect(gateWithoutServer.getSnapshot()).toMatchObject({ isOnline: false, listMadeAt: null });
  await expect(gateWithoutServer.check(tickets[0]!.code)).rejects.toMatchObject({ code: 'NETWORK' });
  proxy.isDown = false;
  const staff = await makeKey(app.url, { roles: ['staff'] });
  const refused = await openGate({ apiKey: staff.key });
  expect(refused.getSnapshot().refusal).toMatchObject({ code: 'FORBIDDEN' });
  await expect(refused.check(tickets[0]!.code)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const gateOfMissingShow = await openGate({ showId: 999_999 });
  expect(gateOfMissingShow.getSnapshot().refusal).toMatchObject({ code: 'NOT_FOUND' });
});
