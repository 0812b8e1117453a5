import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { PushPayload } from '@usher/contract';
import type pg from 'pg';
import type { Browser, BrowserContextOptions, Page, Worker } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { testPool } from '../support/database.js';
import { makeShow } from '../support/show.js';
import { announced, describeInBrowser, launch, violations, visitor } from './support.js';

/**
 * The browser's maker runs the push service behind `subscribe`, which a test cannot reach: this stands in for it. All
 * else, the worker and its notifications among it, is the browser's own.
 */
const standInForPushService = (endpoint: string): string => `{
  const base64url = (bytes) =>
    btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  let current = null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => (current = {
    options: { applicationServerKey: applicationServerKey.buffer },
    toJSON: () => ({
      endpoint: '${endpoint}',
      expirationTime: null,
      keys: { p256dh: base64url(applicationServerKey), auth: base64url(applicationServerKey.slice(0, 16)) },
    }),
    unsubscribe: async () => { current = null; return true; },
  });
}`;

const allowed: BrowserContextOptions = { permissions: ['notifications'] };
/** This browser, having no window, answers the question with no. */
const undecided: BrowserContextOptions = {};

describeInBrowser('word of one’s turn while the page is closed', () => {
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  let page: Page;
  let showId: number;
  let endpoint: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: false }), launch()]);
    pool = testPool(app.databaseUrl, 2);
  }, 60_000);

  afterEach(() => page.context().close());

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
  });

  const optIn = () => page.getByRole('button', { name: 'Notify me when it is my turn, even if I close this page' });

  /** Goes to the lobby of a sale that is far off. */
  const enterLobby = async (options: BrowserContextOptions): Promise<void> => {
    const saleOpensAt = new Date(Date.now() + 3_600_000);
    showId = await makeShow(pool, { saleOpensAt, waitingRoom: { mode: 'on' } });
    endpoint = `https://push.example.com/${showId}`;
    page = await visitor(browser, app, options);
    await page.addInitScript(standInForPushService(endpoint));
    await page.goto(`/shows/${showId}`);
  };

  /** Whether the service knows the browser. */
  const isKnown = async (): Promise<boolean> => {
    const { rowCount } = await pool.query('select from push_subscription where endpoint = $1', [endpoint]);
    return rowCount === 1;
  };

  /** Makes the browser deliver a message as its push service would. */
  const deliver = async (data: string): Promise<void> => {
    const session = await page.context().newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations;
        if (first) resolve(first.registrationId);
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await registered;
    await session.send('ServiceWorker.deliverPushMessage', { origin: app.url, registrationId, data });
    await session.detach();
  };

  /** The notification with this title, once the browser shows it. */
  const notified = async (title: string): Promise<{ body: string; tag: string }> => {
    const handle = await page.waitForFunction(`navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((all) => all.find(({ title }) => title === ${JSON.stringify(title)}))
      .then((one) => one && { body: one.body, tag: one.tag })`);
    return (await handle.jsonValue()) as { body: string; tag: string };
  };

  /** What the worker does when its notification is pressed, told by what it asks the browser to open or to show. */
  const pressed = (worker: Worker): Promise<unknown> =>
    worker.evaluate(`(async () => {
      const [notification] = await self.registration.getNotifications();
      const asked = new Promise((resolve) => {
        // Only a real press lets a worker open or show a window.
        self.clients.openWindow = async (path) => resolve({ opened: path });
        WindowClient.prototype.focus = async function () { resolve({ shown: new URL(this.url).pathname }); };
      });
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      return asked;
    })()`);

  it('is asked for by a button, shown by the browser, and leads to the show', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await announced(page, 'polite', /even if you close this page/);
    expect(await isKnown()).toBe(true);
    expect(await violations(page)).toEqual([]);

    const payload: PushPayload = { type: 'queue:admitted', showId, bookingId: null, expiresAt: null };
    await deliver(JSON.stringify(payload));
    expect(await notified('It is your turn')).toMatchObject({ tag: `/shows/${showId}` });
    const [worker] = page.context().serviceWorkers();
    expect(await pressed(worker!)).toEqual({ shown: `/shows/${showId}` });
  });

  it('says until when an offer is held, and opens the show where its page is closed', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await announced(page, 'polite', /even if you close this page/);
    await page.goto('/');
    const offer = { type: 'queue:offer', bookingId: null, expiresAt: '2026-11-23T18:30:00.000Z' } as const;
    await deliver(JSON.stringify({ ...offer, showId } satisfies PushPayload));
    expect((await notified('Seats were found for you')).body).toMatch(/until \d\d:\d\d/);
    const [worker] = page.context().serviceWorkers();
    expect(await pressed(worker!)).toEqual({ opened: `/shows/${showId}` });
  });

  it('shows something also for a message that it cannot read', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await announced(page, 'polite', /even if you close this page/);
    await deliver('not JSON');
    expect(await notified('Your booking has changed')).toMatchObject({ tag: '/' });
  });

  it('can be taken back', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await announced(page, 'polite', /even if you close this page/);
    expect(await isKnown()).toBe(true);
    await page.getByRole('button', { name: 'Stop notifications' }).click();
    await optIn().waitFor();
    expect(await isKnown()).toBe(false);
  });

  it('says what to do where the browser’s user has forbidden it', async () => {
    await enterLobby(undecided);
    await optIn().click();
    await page
      .getByRole('main')
      .getByText(/does not allow notifications/)
      .waitFor();
    expect(await optIn().count()).toBe(0);
    expect(await isKnown()).toBe(false);
  });

  it('is not offered where the browser has no push', async () => {
    await enterLobby(undecided);
    await optIn().waitFor();
    await page.addInitScript('delete window.PushManager');
    await page.reload();
    await page.getByRole('button', { name: 'Leave the line' }).waitFor();
    await page.getByRole('timer').waitFor();
    expect(await optIn().count()).toBe(0);
  });
});
