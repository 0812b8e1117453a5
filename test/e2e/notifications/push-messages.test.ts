import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PushKey } from '@usher/contract';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { Service } from '../../../src/service.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { TestOutbox } from '../../support/outbox.js';
import { type TestBrowser, TestPushService } from '../../support/push-service.js';
import { RestCaller } from '../../support/rest.js';
import { startTestService } from '../../support/service-host/start-test-service.js';
import { makeShow } from '../../support/show.js';

const subscriptions = '/v1/push/subscriptions';

let database: TestDatabase;
let service: Service;
let pushService: TestPushService;
let outbox: TestOutbox;
let pool: pg.Pool;

const startNode = () =>
  startTestService(
    testEnvironment(database.url, { PUSH_PRIVATE_HOSTS: 'true', PUSH_CONTACT: 'mailto:box@office.example' }),
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

// Otherwise, a message that one test leaves behind would be pushed during the next test.
afterEach(() => outbox.waitForMessageCount(0));

/** Creates a session with a browser that has subscribed to push messages. */
async function createSubscriber(): Promise<{ caller: RestCaller; sessionId: string; browser: TestBrowser }> {
  const caller = await RestCaller.begin(service.url);
  const browser = await subscribeBrowser(caller);
  return { caller, sessionId: caller.session.sessionId, browser };
}

async function subscribeBrowser(caller: RestCaller): Promise<TestBrowser> {
  const browser = pushService.browser();
  const { status, body } = await caller.call('POST', subscriptions, browser.subscription);
  expect({ status, body }).toEqual({ status: 201, body: browser.subscription });
  return browser;
}

describe('a push message', () => {
  it('reaches its browser, encrypted for this browser and signed with the key of the subscription', async () => {
    const { sessionId, browser } = await createSubscriber();
    const bookingId = uuidv7();
    const before = Date.now();
    await outbox.add({ sessionId, showId: 7, bookingId, expiresInMs: 30_000 });

    const [message] = await browser.waitForMessages(1);
    expect(message!.payload).toEqual({ type: 'queue:offer', showId: 7, bookingId, expiresAt: expect.any(String) });
    const expiresAt = Date.parse(message!.payload.expiresAt!);
    expect(Math.abs(expiresAt - before - 30_000)).toBeLessThan(2000);

    const { publicKey } = PushKey.parse(await (await fetch(`${service.url}/v1/push/key`)).json());
    expect(message!.publicKey).toBe(publicKey);
    expect(message!.token.sub).toBe('mailto:box@office.example');
    expect(message!.headers).toMatchObject({ urgency: 'high', 'content-encoding': 'aes128gcm' });
    expect(Number(message!.headers.ttl)).toBeGreaterThan(20);
    expect(Number(message!.headers.ttl)).toBeLessThan(30);
    await outbox.waitForMessageCount(0);
  });

  it('goes to every browser of the session and to no other session', async () => {
    const [receiver, bystander] = [await createSubscriber(), await createSubscriber()];
    const second = await subscribeBrowser(receiver.caller);
    await outbox.add({ sessionId: receiver.sessionId, type: 'queue:admitted' });
    await Promise.all([receiver.browser.waitForMessages(1), second.waitForMessages(1)]);
    await outbox.waitForMessageCount(0);
    expect([receiver.browser, second, bystander.browser].map(({ received }) => received.length)).toEqual([1, 1, 0]);
  });

  it('is sent again when the push service has a temporary failure', async () => {
    const { sessionId, browser } = await createSubscriber();
    browser.answers = [{ status: 503 }, { status: 500 }];
    await outbox.add({ sessionId });
    const messages = await browser.waitForMessages(3);
    // Every attempt has the same topic, so the push service can replace an earlier attempt.
    expect(new Set(messages.map(({ headers }) => headers.topic)).size).toBe(1);
    await outbox.waitForMessageCount(0);
    expect(browser.received).toHaveLength(3);
  });

  it('is sent again only after the time for which the push service asks', async () => {
    const { sessionId, browser } = await createSubscriber();
    browser.answers = [{ status: 429, headers: { 'retry-after': '3' } }];
    await outbox.add({ sessionId });
    const [first, second] = await browser.waitForMessages(2);
    // Without the `Retry-After` header the service would retry within 2 s.
    expect(second!.at - first!.at).toBeGreaterThan(2900);
    await outbox.waitForMessageCount(0);
  });

  it('is not sent after it has expired', async () => {
    const { sessionId, browser } = await createSubscriber();
    await outbox.add({ sessionId, showId: 1, expiresInMs: -1 }, { sessionId, showId: 2 });
    await outbox.waitForMessageCount(0);
    expect(browser.received.map(({ payload }) => payload.showId)).toEqual([2]);
  });

  it('is given up if it would expire before the next attempt', async () => {
    const { sessionId, browser } = await createSubscriber();
    browser.answers = [{ status: 503 }];
    // This is the fourth attempt. The fifth would follow after 27 s at the earliest.
    await outbox.add({ sessionId, expiresInMs: 20_000, attempts: 3 });
    await outbox.waitForMessageCount(0);
    expect(browser.received).toHaveLength(1);
  });

  it('is given up after the sixth attempt', async () => {
    const { sessionId, browser } = await createSubscriber();
    browser.answers = [{ status: 503 }];
    await outbox.add({ sessionId, expiresInMs: null, attempts: 5 });
    await outbox.waitForMessageCount(0);
    expect(browser.received).toHaveLength(1);
    expect(browser.received[0]!.headers.ttl).toBe('60');
  });

  it('is given up if the push service rejects it permanently, but the subscription stays valid', async () => {
    const { sessionId, browser } = await createSubscriber();
    browser.answers = [{ status: 400 }];
    await outbox.add({ sessionId });
    await outbox.waitForMessageCount(0);
    await outbox.add({ sessionId });
    expect(await browser.waitForMessages(2)).toHaveLength(2);
  });

  it('is not sent to the target of a redirect', async () => {
    const [{ sessionId, browser }, redirectTarget] = [await createSubscriber(), await createSubscriber()];
    browser.answers = [{ status: 307, headers: { location: redirectTarget.browser.endpoint } }];
    await outbox.add({ sessionId });
    await outbox.waitForMessageCount(0);
    expect([browser.received.length, redirectTarget.browser.received.length]).toEqual([1, 0]);
  });

  it('that a dead node had claimed is sent when the claim ends', async () => {
    const { sessionId, browser } = await createSubscriber();
    await outbox.add({ sessionId, showId: 3, dueInMs: 700, attempts: 1 });
    expect(await browser.waitForMessages(1)).toMatchObject([{ payload: { showId: 3 } }]);
  });

  it('is not delayed by endpoints that never answer or send very long answers', async () => {
    const [silentEndpoint, endlessEndpoint, healthyEndpoint] = [
      await createSubscriber(),
      await createSubscriber(),
      await createSubscriber(),
    ];
    silentEndpoint.browser.answers = ['hang'];
    endlessEndpoint.browser.answers = [{ status: 201, body: 'x'.repeat(10_000_000) }];
    await outbox.add({ sessionId: silentEndpoint.sessionId }, { sessionId: endlessEndpoint.sessionId });
    await Promise.all([silentEndpoint.browser.waitForMessages(1), endlessEndpoint.browser.waitForMessages(1)]);
    await outbox.add({ sessionId: healthyEndpoint.sessionId });
    await healthyEndpoint.browser.waitForMessages(1);
    await outbox.waitForMessageCount(1);
    expect(silentEndpoint.browser.received).toHaveLength(1);
    await silentEndpoint.caller.call('DELETE', subscriptions, silentEndpoint.browser.subscription);
  });
});

describe('a push subscription', () => {
  it('is deleted with its pending messages when the push service reports it as gone', async () => {
    const { caller, sessionId, browser: goneBrowser } = await createSubscriber();
    const activeBrowser = await subscribeBrowser(caller);
    const { subscriptions: before } = await outbox.countRows();
    goneBrowser.answers = [{ status: 410 }];
    await outbox.add({ sessionId }, { sessionId, showId: 2, dueInMs: 3_600_000 });
    await Promise.all([goneBrowser.waitForMessages(1), activeBrowser.waitForMessages(1)]);
    await outbox.waitForMessageCount(1);
    expect(await outbox.countRows()).toEqual({ messages: 1, subscriptions: before - 1 });
    await caller.call('DELETE', subscriptions, activeBrowser.subscription);
    await outbox.waitForMessageCount(0);
  });

  it('is deleted with its pending messages when its session unsubscribes', async () => {
    const { caller, sessionId, browser } = await createSubscriber();
    await outbox.add({ sessionId, dueInMs: 3_600_000 });
    const { status } = await caller.call('DELETE', subscriptions, browser.subscription);
    expect(status).toBe(204);
    expect(await outbox.countRows()).toMatchObject({ messages: 0 });
    // Unsubscribing again has the same result.
    expect((await caller.call('DELETE', subscriptions, browser.subscription)).status).toBe(204);
  });

  it('cannot be deleted by another session', async () => {
    const { sessionId, browser } = await createSubscriber();
    const stranger = await RestCaller.begin(service.url);
    expect((await stranger.call('DELETE', subscriptions, browser.subscription)).status).toBe(204);
    await outbox.add({ sessionId });
    await browser.waitForMessages(1);
    await outbox.waitForMessageCount(0);
  });

  it('gets new keys when the browser subscribes again', async () => {
    const { caller, sessionId, browser } = await createSubscriber();
    const { subscriptions: before } = await outbox.countRows();
    const newKeys = pushService.browser().subscription.keys;
    expect((await caller.call('POST', subscriptions, { ...browser.subscription, keys: newKeys })).status).toBe(201);
    await outbox.add({ sessionId });
    await expect(browser.waitForMessages(1)).rejects.toThrow(/unable to authenticate data/);
    await outbox.waitForMessageCount(0);
    expect(await outbox.countRows()).toEqual({ messages: 0, subscriptions: before });
  });

  it('replaces the oldest subscription if its session would have more than ten', async () => {
    const { caller, sessionId, browser: oldest } = await createSubscriber();
    const laterBrowsers: TestBrowser[] = [];
    for (let count = 0; count < 10; count++) laterBrowsers.push(await subscribeBrowser(caller));
    await outbox.add({ sessionId });
    await Promise.all(laterBrowsers.map((browser) => browser.waitForMessages(1)));
    await outbox.waitForMessageCount(0);
    expect(oldest.received).toEqual([]);
  });
});

describe('a waiter whose page is closed', () => {
  it('is notified of offered seats, with the time until which they are held', async () => {
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 2 });
    const holder = await RestCaller.begin(service.url);
    const held = await holder.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0, 1] });
    const { caller, browser } = await createSubscriber();
    expect((await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 2 })).status).toBe(201);
    await holder.call('DELETE', `/v1/bookings/${String(held.body.bookingId)}`);

    const [message] = await browser.waitForMessages(1);
    const { body: booking } = await caller.call('GET', `/v1/bookings/${message!.payload.bookingId}`);
    expect(booking).toMatchObject({ showId, status: 'reserved', sessionId: caller.session.sessionId });
    expect(message!.payload).toEqual({
      type: 'queue:offer',
      showId,
      bookingId: booking.bookingId,
      expiresAt: booking.expiresAt,
    });
  });

  it('is notified of the admission to the show', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 2 } });
    const [first, second] = [await createSubscriber(), await createSubscriber()];
    for (const { caller } of [first, second]) {
      expect((await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 })).status).toBe(201);
    }
    const [[firstMessage], [secondMessage]] = await Promise.all([
      first.browser.waitForMessages(1),
      second.browser.waitForMessages(1),
    ]);
    for (const message of [firstMessage!, secondMessage!]) {
      expect(message.payload).toMatchObject({ type: 'queue:admitted', showId, bookingId: null });
    }
    // One buyer is admitted at a time, so the second stay begins after the first.
    expect(Date.parse(secondMessage!.payload.expiresAt!)).toBeGreaterThan(Date.parse(firstMessage!.payload.expiresAt!));
  });
});

describe('two nodes', () => {
  it('share one push key, and exactly one of them sends each message', async () => {
    const second = await startNode();
    const keys = await Promise.all(
      [service, second].map(async ({ url }) => PushKey.parse(await (await fetch(`${url}/v1/push/key`)).json())),
    );
    expect(keys[0]).toEqual(keys[1]);

    const subscribers = [await createSubscriber(), await createSubscriber(), await createSubscriber()];
    const shows = Array.from({ length: 100 }, (_, index) => index + 1);
    await outbox.add(...subscribers.flatMap(({ sessionId }) => shows.map((showId) => ({ sessionId, showId }))));
    await outbox.waitForMessageCount(0);
    // A node finishes its requests before it stops, so no message can arrive later.
    await second.close();
    for (const { browser } of subscribers) {
      expect(browser.received.map(({ payload }) => payload.showId).toSorted((a, b) => a - b)).toEqual(shows);
    }
  });
});
