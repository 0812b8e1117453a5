import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { PushPayload } from '@usher/contract';
import type pg from 'pg';
import type { Browser, BrowserContextOptions, Page, Worker } from 'playwright-core';
import { z } from 'zod';
import { startApp, type TestApp } from '../support/app.js';
import { validate } from '../support/contract-shapes.js';
import { testPool } from '../support/database.js';
import { makeShow } from '../support/show.js';
import {
  waitForAnnouncement,
  describeInFullBrowser,
  launchFullBrowser,
  findViolations,
  openVisitorPage,
} from './support.js';

/**
 * Returns a script that replaces the push service behind `subscribe`, because a test cannot reach the push service of
 * the browser's vendor. The test still uses the browser's own service worker and notifications.
 */
const fakePushServiceScript = (endpoint: string): string => `{
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
/** A browser without a window denies the permission when the page asks for it. */
const undecided: BrowserContextOptions = {};

describeInFullBrowser('push notifications while the page is closed', () => {
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  let page: Page;
  let showId: number;
  let endpoint: string;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: false }), launchFullBrowser()]);
    pool = testPool(app.databaseUrl, 2);
  }, 60_000);

  afterEach(() => page.context().close());

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
  });

  const optIn = () => page.getByRole('button', { name: 'Notify me when it is my turn, even if I close this page' });

  /** Opens the lobby of a show whose sale starts in an hour. */
  const enterLobby = async (options: BrowserContextOptions): Promise<void> => {
    const saleOpensAt = new Date(Date.now() + 3_600_000);
    showId = await makeShow(pool, { saleOpensAt, waitingRoom: { mode: 'on' } });
    endpoint = `https://push.example.com/${showId}`;
    page = await openVisitorPage(browser, app, options);
    await page.addInitScript(fakePushServiceScript(endpoint));
    await page.goto(`/shows/${showId}`);
  };

  /** Returns whether the service has stored the browser's subscription. */
  const isSubscribed = async (): Promise<boolean> => {
    const { rowCount } = await pool.query('select from push_subscription where endpoint = $1', [endpoint]);
    return rowCount === 1;
  };

  /** Delivers a message to the browser, as a push service would. */
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

  /** Waits until the browser shows a notification with this title. Returns the notification's text and tag. */
  const waitForNotification = async (title: string): Promise<{ body: string; tag: string }> => {
    const handle = await page.waitForFunction(`navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((all) => all.find(({ title }) => title === ${JSON.stringify(title)}))
      .then((notification) => notification && { body: notification.body, tag: notification.tag })`);
    return validate(z.object({ body: z.string(), tag: z.string() }), await handle.jsonValue());
  };

  /** Clicks the worker's notification. Returns the path that the worker asks the browser to open or to show. */
  const clickNotification = (worker: Worker): Promise<unknown> =>
    worker.evaluate(`(async () => {
      const [notification] = await self.registration.getNotifications();
      const asked = new Promise((resolve) => {
        // A worker may open or show a window only after a real click, so both methods are replaced.
        self.clients.openWindow = async (path) => resolve({ opened: path });
        WindowClient.prototype.focus = async function () { resolve({ shown: new URL(this.url).pathname }); };
      });
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      return asked;
    })()`);

  it('start after a click on a button, appear in the browser, and lead to the show', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await waitForAnnouncement(page, 'polite', /even if you close this page/);
    expect(await isSubscribed()).toBe(true);
    expect(await findViolations(page)).toEqual([]);

    const payload: PushPayload = { type: 'queue:admitted', showId, bookingId: null, expiresAt: null };
    await deliver(JSON.stringify(payload));
    expect(await waitForNotification('It is your turn')).toMatchObject({ tag: `/shows/${showId}` });
    const [worker] = page.context().serviceWorkers();
    expect(await clickNotification(worker!)).toEqual({ shown: `/shows/${showId}` });
  });

  it('show when an offer ends, and open the show if its page is closed', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await waitForAnnouncement(page, 'polite', /even if you close this page/);
    await page.goto('/');
    const offer = { type: 'queue:offer', bookingId: null, expiresAt: '2026-11-23T18:30:00.000Z' } as const;
    await deliver(JSON.stringify({ ...offer, showId } satisfies PushPayload));
    expect((await waitForNotification('Seats were found for you')).body).toMatch(/until \d\d:\d\d/);
    const [worker] = page.context().serviceWorkers();
    expect(await clickNotification(worker!)).toEqual({ opened: `/shows/${showId}` });
  });

  it('appear even if the message cannot be parsed', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await waitForAnnouncement(page, 'polite', /even if you close this page/);
    await deliver('not JSON');
    expect(await waitForNotification('Your booking has changed')).toMatchObject({ tag: '/' });
  });

  it('can be stopped', async () => {
    await enterLobby(allowed);
    await optIn().click();
    await waitForAnnouncement(page, 'polite', /even if you close this page/);
    expect(await isSubscribed()).toBe(true);
    await page.getByRole('button', { name: 'Stop notifications' }).click();
    await optIn().waitFor();
    expect(await isSubscribed()).toBe(false);
  });

  it('are replaced by an explanation if the user has denied the permission', async () => {
    await enterLobby(undecided);
    await optIn().click();
    await page
      .getByRole('main')
      .getByText(/does not allow notifications/)
      .waitFor();
    expect(await optIn().count()).toBe(0);
    expect(await isSubscribed()).toBe(false);
  });

  it('are not offered if the browser does not support them', async () => {
    await enterLobby(undecided);
    await optIn().waitFor();
    await page.addInitScript('delete window.PushManager');
    await page.reload();
    await page.getByRole('button', { name: 'Leave the line' }).waitFor();
    await page.getByRole('timer').waitFor();
    expect(await optIn().count()).toBe(0);
  });
});
