import { EventEmitter, on } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { endpoints } from '@usher/contract';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import type { z } from 'zod';
import { startApp, type TestApp } from '../support/app.js';
import { readJson } from '../support/contract-shapes.js';

/** Where Debian's packages chromium-headless-shell and chromium install the browser. */
const headlessShell = '/usr/bin/chromium-headless-shell';
const fullChromium = '/usr/bin/chromium';

/** The longest time that a test waits for an event. After this time, the wait fails. */
export const deadlineMs = 20_000;

const isInstalled = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The path of the browser with windows and push messages: `CHROMIUM_PATH`, or Debian's path. */
const fullBrowserPath = process.env.CHROMIUM_PATH ?? fullChromium;

/**
 * The path of the browser for most tests. The headless shell draws no windows, which saves a third of the time of the
 * browser tests.
 */
const browserPath = process.env.CHROMIUM_PATH ?? ((await isInstalled(headlessShell)) ? headlessShell : fullChromium);

/**
 * Returns `describe` if there is a browser. If there is none, the tests fail in CI, and are skipped with a message on
 * other machines.
 */
async function describeWithBrowser(path: string): Promise<typeof describe | typeof describe.skip> {
  if ((await isInstalled(path)) || process.env.CI === 'true') return describe;
  console.log(`Browser tests are skipped, because there is no browser at ${path}. Set CHROMIUM_PATH to run them.`);
  return describe.skip;
}

/** `describe` for tests in a browser. */
export const describeInBrowser = await describeWithBrowser(browserPath);

/** `describe` for tests that need a browser with windows. They call {@link launchFullBrowser}. */
export const describeInFullBrowser = await describeWithBrowser(fullBrowserPath);

/** Starts the browser without its own network requests. @param extraArgs additional arguments of the browser */
export const launchBrowser = (extraArgs: readonly string[] = []): Promise<Browser> => launch(browserPath, extraArgs);

/** Starts a browser that shows push messages. */
export const launchFullBrowser = (): Promise<Browser> => launch(fullBrowserPath, []);

const launch = (executablePath: string, extraArgs: readonly string[]): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A test's page closes before optimized code would save more time than its compilation takes. These flags save
      // 10% of the CPU time.
      '--js-flags=--no-opt --no-maglev --single-threaded',
      ...extraArgs,
    ],
  });

/** What the pages of this file tried although their Content-Security-Policy forbids it. */
const policyViolations: string[] = [];

/** Returns the violations of the Content-Security-Policy until now, and forgets them. */
export const takePolicyViolations = (): string[] => policyViolations.splice(0);

afterEach(() => {
  const violations = takePolicyViolations();
  if (violations.length > 0) throw new Error(violations.join('\n'));
});

/** Opens a page for a new visitor, with its own session, storage and history. */
export async function openVisitorPage(
  browser: Browser,
  app: TestApp,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ baseURL: app.url, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(deadlineMs);
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) policyViolations.push(message.text());
  });
  return context.newPage();
}

/** A service and a browser that the tests of a block share. */
export interface Site {
  readonly app: TestApp;
  /** Opens a page for a new visitor. */
  openPage(options?: BrowserContextOptions): Promise<Page>;
}

/** Starts a service and a browser before the first test of a block, and closes both after its last test. */
export function setUpSite(options: Parameters<typeof startApp>[0]): Site {
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(options), launchBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  return {
    get app() {
      return app;
    },
    openPage: (pageOptions) => openVisitorPage(browser, app, pageOptions),
  };
}

async function fetchJson<T>(app: TestApp, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(new URL(path, app.url));
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return readJson(schema, response);
}

/** A show of the demo catalog that is on sale, with the links that lead to its page. */
export interface FoundShow {
  readonly showId: number;
  readonly city: string;
  readonly movie: string;
}

/**
 * Finds a show of tomorrow that is on sale. Uses the same lists that the pages show.
 *
 * @param options `free` is the minimum number of free seats, `seatsMax` is the maximum size of the hall, and `skip` is
 *   the number of matching shows to skip
 */
export async function findShow(app: TestApp, { free = 40, seatsMax = 400, skip = 0 } = {}): Promise<FoundShow> {
  const cities = await fetchJson(app, '/v1/cities?limit=5', endpoints.listCities.answer);
  let skipsLeft = skip;
  for (const { cityId, name, timeZone } of cities.items) {
    const date = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(Date.now() + 86_400_000));
    const moviesPath = `/v1/cities/${cityId}/movies?date=${date}&limit=100`;
    const movies = await fetchJson(app, moviesPath, endpoints.listMoviesOfCity.answer);
    for (const { movieId, title } of movies.items) {
      const timesPath = `/v1/movies/${movieId}/showtimes?cityId=${cityId}&date=${date}`;
      const times = await fetchJson(app, timesPath, endpoints.listShowtimesOfMovie.answer);
      for (const show of times.items.flatMap(({ shows }) => shows)) {
        const fits = show.saleStatus === 'open' && show.free >= free && show.seatCount <= seatsMax;
        if (fits && skipsLeft-- === 0) return { showId: show.showId, city: name, movie: title };
      }
    }
  }
  throw new Error(`the demo catalog has no show with ${free} free seats in a hall of at most ${seatsMax}`);
}

/** Opens a show and waits until its map is live. */
export async function openShow(page: Page, showId: number): Promise<void> {
  await page.goto(`/shows/${showId}`);
  await waitForLiveMap(page);
}

/** Waits until the page shows a live map. */
export async function waitForLiveMap(page: Page): Promise<void> {
  await page.getByRole('grid').waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
}

/** Locates one seat of the map. */
export const seat = (page: Page, number: number | string): Locator => page.locator(`[data-seat="${number}"]`);

/** Waits until the map shows a status for a seat. */
export const waitForSeatStatus = (page: Page, number: number | string, status: string): Promise<void> =>
  page.locator(`[data-seat="${number}"][data-status="${status}"]`).waitFor();

/**
 * Finds `count` adjacent free seats with two more free seats beside them, so that a choice of these seats never leaves
 * an isolated free seat.
 *
 * @returns the numbers of the seats
 */
export async function findFreeSeatsTogether(page: Page, count: number): Promise<number[]> {
  const rows = await page.getByRole('row').evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('[data-seat]')].map((element) => ({
        number: Number(element.getAttribute('data-seat')),
        isFree: element.getAttribute('data-status') === 'free',
      })),
    ),
  );
  for (const row of rows) {
    // The first match starts at the beginning of the row, or after a seat that is not free.
    const start = row.findIndex((_, at) => {
      const run = row.slice(at, at + count + 2);
      return run.length === count + 2 && run.every(({ isFree }) => isFree);
    });
    if (start >= 0) return row.slice(start, start + count).map(({ number }) => number);
  }
  throw new Error(`the map has no ${count} adjacent free seats`);
}

/** Clicks seats on the map and waits until they are chosen. */
export async function chooseSeats(page: Page, seats: readonly number[]): Promise<void> {
  for (const number of seats) {
    await seat(page, number).click();
    await waitForSeatStatus(page, number, 'chosen');
  }
}

/** Locates the button that holds the chosen seats. */
export const holdButton = (page: Page): Locator => page.getByRole('button', { name: /^Hold (\d+ )?seats$/ });

/** Holds the chosen seats and waits for the server's answer. */
export async function holdChosenSeats(page: Page): Promise<void> {
  await holdButton(page).click();
  const refusal = page.getByRole('region', { name: 'Refused' });
  await page.getByRole('heading', { name: 'Held for you' }).or(refusal).first().waitFor();
  if (await refusal.isVisible()) throw new Error(`refused: ${await refusal.textContent()}`);
}

/** Waits until the page's live region announces a text. */
export const waitForAnnouncement = (page: Page, urgency: 'polite' | 'assertive', text: RegExp): Promise<void> =>
  page.locator(`[data-announced="${urgency}"]`).filter({ hasText: text }).waitFor({ state: 'attached' });

/** A page's socket whose incoming messages can be paused. */
export interface PausableSocket {
  /** Stops the delivery of the server's messages to the page. */
  pause(): void;
  /** Waits until the server has sent a matching message, even if the message is still paused. */
  waitForMessage(text: RegExp): Promise<void>;
  /** Delivers all paused messages in order. Later messages are delivered at once. */
  resume(): void;
}

/** Makes a page's socket pausable. This takes effect when the page loads its next document. */
export async function interceptSocket(page: Page): Promise<PausableSocket> {
  let pausedDeliveries: (() => void)[] | null = null;
  const sent = new EventEmitter();
  await page.routeWebSocket(/socket\.io/, (route) => {
    route.connectToServer().onMessage((message) => {
      const deliver = () => route.send(message);
      if (pausedDeliveries === null) deliver();
      else pausedDeliveries.push(deliver);
      sent.emit('message', String(message));
    });
  });
  return {
    pause: () => {
      pausedDeliveries = [];
    },
    waitForMessage: async (text) => {
      for await (const [message] of on(sent, 'message', { signal: AbortSignal.timeout(deadlineMs) })) {
        if (text.test(String(message))) return;
      }
    },
    resume: () => {
      const deliveries = pausedDeliveries ?? [];
      pausedDeliveries = null;
      for (const deliver of deliveries) deliver();
    },
  };
}

declare global {
  /** Exists in a page after {@link axeSource} has run in it. */
  var axe: typeof import('axe-core');
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Runs axe's rules for WCAG 2.2 (levels A and AA) and for best practices on the page. Returns one text per violation.
 */
export async function findViolations(page: Page): Promise<string[]> {
  // The page's security policy could block a script element, so axe is loaded with `evaluate`.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    // These options do not change the rules. They only omit the descriptions of elements without violations, which
    // saves a third of the time.
    const { violations: found } = await axe.run({
      runOnly: { type: 'tag', values: tags },
      resultTypes: ['violations'],
      selectors: false,
    });
    return found.flatMap(({ id, nodes }) => nodes.slice(0, 5).map((node) => `${id}: ${node.html}`));
  });
}
