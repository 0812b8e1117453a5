import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PushKey } from '@usher/contract';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { TestOutbox } from '../../support/outbox.js';
import { type TestBrowser, TestPushService } from '../../support/push-service.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const subscriptions = '/v1/push/subscriptions';

let database: TestDatabase;
let service: Service;
let pushService: TestPushService;
let outbox: TestOutbox;
let pool: pg.Pool;

const startNode = () =>
  startService(
    readConfig(
      testEnvironment(database.url, { PUSH_PRIVATE_HOSTS: 'true', PUSH_CONTACT: 'mailto:box@office.example' }),
    ),
  );

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pushService = await TestPushService.start();
  service = await startNode();
  outbox = await TestOutbox.open(database.url);
  pool = testPool(database.url, 1);
});

afterAll(async () => {
  await outbox.close();
  await pool.end();
  await service.close();
  await pushService.close();
  await database.drop();
});

// What one test left behind would be pushed in the next.
afterEach(() => outbox.until(0));

/** A session that has left a browser's subscription. */
async function subscriber(): Promise<{ caller: RestCaller; sessionId: string; browser: TestBrowser }> {
  const caller = await RestCaller.begin(service.url);
  const browser = await subscribe(caller);
  return { caller, sessionId: caller.session.sessionId, browser };
}

async function subscribe(caller: RestCaller): Promise<TestBrowser> {
  const browser = pushService.browser();
  const { status, body } = await caller.call('POST', subscriptions, browser.subscription);
  expect({ status, body }).toEqual({ status: 201, body: browser.subscription });
  return browser;
}

describe('a message', () => {
  it('reaches the browser encrypted for it alone and signed by the key that it subscribed with', async () => {
    const { sessionId, browser } = await subscriber();
    const bookingId = uuidv7();
    const before = Date.now();
    await outbox.add({ sessionId, showId: 7, bookingId, expiresInMs: 30_000 });

    const [message] = await browser.messages(1);
    expect(message!.payload).toEqual({ type: 'queue:offer', showId: 7, bookingId, expiresAt: expect.any(String) });
    const expiresAt = Date.parse(message!.payload.expiresAt!);
    expect(Math.abs(expiresAt - before - 30_000)).toBeLessThan(2000);

    const { publicKey } = PushKey.parse(await (await fetch(`${service.url}/v1/push/key`)).json());
    expect(message!.publicKey).toBe(publicKey);
    expect(message!.token.sub).toBe('mailto:box@office.example');
    expect(message!.headers).toMatchObject({ urgency: 'high', 'content-encoding': 'aes128gcm' });
    expect(Number(message!.headers.ttl)).toBeGreaterThan(20);
    expect(Number(message!.headers.ttl)).toBeLessThan(30);
    await outbox.until(0);
  });

  it('goes to every browser of the session and to no other session', async () => {
    const [one, other] = [await subscriber(), await subscriber()];
    const second = await subscribe(one.caller);
    await outbox.add({ sessionId: one.sessionId, type: 'queue:admitted' });
    await Promise.all([one.browser.messages(1), second.messages(1)]);
    await outbox.until(0);
    expect([one.browser, second, other.browser].map(({ heard }) => heard.length)).toEqual([1, 1, 0]);
  });

  it('is tried again when the push service has a bad moment', async () => {
    const { sessionId, browser } = await subscriber();
    browser.answers = [{ status: 503 }, { status: 500 }];
    await outbox.add({ sessionId });
    const messages = await browser.messages(3);
    // The same each time, so that the push service can tell.
    expect(new Set(messages.map(({ headers }) => headers.topic)).size).toBe(1);
    await outbox.until(0);
    expect(browser.heard).toHaveLength(3);
  });

  it('waits as long as the push service asks', async () => {
    const { sessionId, browser } = await subscriber();
    browser.answers = [{ status: 429, headers: { 'retry-after': '3' } }];
    await outbox.add({ sessionId });
    const [first, second] = await browser.messages(2);
    // Without the wish it is tried again within 2 s.
    expect(second!.at - first!.at).toBeGreaterThan(2900);
    await outbox.until(0);
  });

  it('is not sent once it is of no use', async () => {
    const { sessionId, browser } = await subscriber();
    await outbox.add({ sessionId, showId: 1, expiresInMs: -1 }, { sessionId, showId: 2 });
    await outbox.until(0);
    expect(browser.heard.map(({ payload }) => payload.showId)).toEqual([2]);
  });

  it('is given up when it would be of no use by the next attempt', async () => {
    const { sessionId, browser } = await subscriber();
    browser.answers = [{ status: 503 }];
    // The fourth attempt: the fifth would be 27 s later at the earliest.
    await outbox.add({ sessionId, expiresInMs: 20_000, attempts: 3 });
    await outbox.until(0);
    expect(browser.heard).toHaveLength(1);
  });

  it('is given up after the sixth attempt', async () => {
    const { sessionId, browser } = await subscriber();
    browser.answers = [{ status: 503 }];
    await outbox.add({ sessionId, expiresInMs: null, attempts: 5 });
    await outbox.until(0);
    expect(browser.heard).toHaveLength(1);
    expect(browser.heard[0]!.headers.ttl).toBe('60');
  });

  it('is given up when the push service will never take it, and the subscription stays', async () => {
    const { sessionId, browser } = await subscriber();
    browser.answers = [{ status: 400 }];
    await outbox.add({ sessionId });
    await outbox.until(0);
    await outbox.add({ sessionId });
    expect(await browser.messages(2)).toHaveLength(2);
  });

  it('does not follow where the endpoint would send it', async () => {
    const [{ sessionId, browser }, elsewhere] = [await subscriber(), await subscriber()];
    browser.answers = [{ status: 307, headers: { location: elsewhere.browser.endpoint } }];
    await outbox.add({ sessionId });
    await outbox.until(0);
    expect([browser.heard.length, elsewhere.browser.heard.length]).toEqual([1, 0]);
  });

  it('that a node died over is sent when its claim ends', async () => {
    const { sessionId, browser } = await subscriber();
    await outbox.add({ sessionId, showId: 3, dueInMs: 700, attempts: 1 });
    expect(await browser.messages(1)).toMatchObject([{ payload: { showId: 3 } }]);
  });

  it('is not kept waiting by endpoints that never answer or never stop', async () => {
    const [silent, endless, lively] = [await subscriber(), await subscriber(), await subscriber()];
    silent.browser.answers = ['hang'];
    endless.browser.answers = [{ status: 201, body: 'x'.repeat(10_000_000) }];
    await outbox.add({ sessionId: silent.sessionId }, { sessionId: endless.sessionId });
    await Promise.all([silent.browser.messages(1), endless.browser.messages(1)]);
    await outbox.add({ sessionId: lively.sessionId });
    await lively.browser.messages(1);
    await outbox.until(1);
    expect(silent.browser.heard).toHaveLength(1);
    await silent.caller.call('DELETE', subscriptions, silent.browser.subscription);
  });
});

describe('a subscription', () => {
  it('that is dead goes, with all that was still to be pushed to it', async () => {
    const { caller, sessionId, browser: dead } = await subscriber();
    const alive = await subscribe(caller);
    const { subscriptions: before } = await outbox.counts();
    dead.answers = [{ status: 410 }];
    await outbox.add({ sessionId }, { sessionId, showId: 2, dueInMs: 3_600_000 });
    await Promise.all([dead.messages(1), alive.messages(1)]);
    await outbox.until(1);
    expect(await outbox.counts()).toEqual({ messages: 1, subscriptions: before - 1 });
    await caller.call('DELETE', subscriptions, alive.subscription);
    await outbox.until(0);
  });

  it('ends when its session takes it back, with all that was still to be pushed to it', async () => {
    const { caller, sessionId, browser } = await subscriber();
    await outbox.add({ sessionId, dueInMs: 3_600_000 });
    const { status } = await caller.call('DELETE', subscriptions, browser.subscription);
    expect(status).toBe(204);
    expect(await outbox.counts()).toMatchObject({ messages: 0 });
    // Once more is as good as once.
    expect((await caller.call('DELETE', subscriptions, browser.subscription)).status).toBe(204);
  });

  it('is no business of another session', async () => {
    const { sessionId, browser } = await subscriber();
    const stranger = await RestCaller.begin(service.url);
    expect((await stranger.call('DELETE', subscriptions, browser.subscription)).status).toBe(204);
    await outbox.add({ sessionId });
    await browser.messages(1);
    await outbox.until(0);
  });

  it('that comes again takes the keys that come with it', async () => {
    const { caller, sessionId, browser } = await subscriber();
    const { subscriptions: before } = await outbox.counts();
    const newKeys = pushService.browser().subscription.keys;
    expect((await caller.call('POST', subscriptions, { ...browser.subscription, keys: newKeys })).status).toBe(201);
    await outbox.add({ sessionId });
    await expect(browser.messages(1)).rejects.toThrow(/unable to authenticate data/);
    await outbox.until(0);
    expect(await outbox.counts()).toEqual({ messages: 0, subscriptions: before });
  });

  it('beyond the tenth of a session takes the place of the oldest', async () => {
    const { caller, sessionId, browser: oldest } = await subscriber();
    const later: TestBrowser[] = [];
    for (let count = 0; count < 10; count++) later.push(await subscribe(caller));
    await outbox.add({ sessionId });
    await Promise.all(later.map((browser) => browser.messages(1)));
    await outbox.until(0);
    expect(oldest.heard).toEqual([]);
  });
});

describe('who waits with the page closed', () => {
  it('hears of the seats that the line found, for as long as they are held', async () => {
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 2 });
    const holder = await RestCaller.begin(service.url);
    const held = await holder.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0, 1] });
    const { caller, browser } = await subscriber();
    expect((await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 2 })).status).toBe(201);
    await holder.call('DELETE', `/v1/bookings/${String(held.body.bookingId)}`);

    const [message] = await browser.messages(1);
    const { body: booking } = await caller.call('GET', `/v1/bookings/${message!.payload.bookingId}`);
    expect(booking).toMatchObject({ showId, status: 'reserved', sessionId: caller.session.sessionId });
    expect(message!.payload).toEqual({
      type: 'queue:offer',
      showId,
      bookingId: booking.bookingId,
      expiresAt: booking.expiresAt,
    });
  });

  it('hears that the show lets it in', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 2 } });
    const [first, second] = [await subscriber(), await subscriber()];
    for (const { caller } of [first, second]) {
      expect((await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 })).status).toBe(201);
    }
    const [[one], [two]] = await Promise.all([first.browser.messages(1), second.browser.messages(1)]);
    for (const message of [one!, two!]) {
      expect(message.payload).toMatchObject({ type: 'queue:admitted', showId, bookingId: null });
    }
    // One at a time: the second only after the first's stay.
    expect(Date.parse(two!.payload.expiresAt!)).toBeGreaterThan(Date.parse(one!.payload.expiresAt!));
  });
});

describe('two nodes', () => {
  it('have the same key and send each message once between them', async () => {
    const second = await startNode();
    const keys = await Promise.all(
      [service, second].map(async ({ url }) => PushKey.parse(await (await fetch(`${url}/v1/push/key`)).json())),
    );
    expect(keys[0]).toEqual(keys[1]);

    const subscribers = [await subscriber(), await subscriber(), await subscriber()];
    const shows = Array.from({ length: 100 }, (_, index) => index + 1);
    await outbox.add(...subscribers.flatMap(({ sessionId }) => shows.map((showId) => ({ sessionId, showId }))));
    await outbox.until(0);
    // What is on its way is done with when a node has stopped: nothing can come later.
    await second.close();
    for (const { browser } of subscribers) {
      expect(browser.heard.map(({ payload }) => payload.showId).toSorted((a, b) => a - b)).toEqual(shows);
    }
  });
});
