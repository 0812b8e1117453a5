import { EventEmitter, on } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';

/** The browser to drive: Debian's, or `CHROMIUM_PATH`. */
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Everything is awaited by events; this is when waiting turns into failing. Milliseconds. */
export const deadlineMs = 20_000;

const isThere = await access(executablePath).then(
  () => true,
  () => false,
);

/** `describe` where there is a browser. In CI a missing one is a failure, elsewhere one line says what is left out. */
export const describeInBrowser: typeof describe | typeof describe.skip = (() => {
  if (isThere || process.env.CI === 'true') return describe;
  console.log(`Browser tests are left out: no browser at ${executablePath}; set CHROMIUM_PATH.`);
  return describe.skip;
})();

/** Starts the browser, quiet and without asking the network for anything of its own. @param more arguments */
export const launch = (more: readonly string[] = []): Promise<Browser> =>
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
      ...more,
    ],
  });

/** A visitor of their own: another session, another store, an empty history. */
export async function visitor(browser: Browser, app: TestApp, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: app.url, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(deadlineMs);
  return context.newPage();
}

async function json<T>(app: TestApp, path: string): Promise<T> {
  const response = await fetch(new URL(path, app.url));
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json() as Promise<T>;
}

interface Listed<T> {
  items: T[];
}

/** A show of the demo catalog that is on sale tomorrow or later, the smallest hall first found; and the way to it. */
export interface FoundShow {
  readonly showId: number;
  readonly city: string;
  readonly movie: string;
}

/** Finds a show with at least `free` free seats, in a hall of at most `seatsMax`, by the same lists that the pages show. */
export async function findShow(app: TestApp, { free = 40, seatsMax = 400, skip = 0 } = {}): Promise<FoundShow> {
  const cities = await json<Listed<{ cityId: number; name: string; timeZone: string }>>(app, '/v1/cities?limit=5');
  let left = skip;
  for (const { cityId, name, timeZone } of cities.items) {
    const date = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(Date.now() + 86_400_000));
    const movies = await json<Listed<{ movieId: number; title: string }>>(
      app,
      `/v1/cities/${cityId}/movies?date=${date}&limit=100`,
    );
    for (const { movieId, title } of movies.items) {
      const times = await json<
        Listed<{ shows: { showId: number; free: number; seatCount: number; saleStatus: string }[] }>
      >(app, `/v1/movies/${movieId}/showtimes?cityId=${cityId}&date=${date}`);
      for (const show of times.items.flatMap(({ shows }) => shows)) {
        const fits = show.saleStatus === 'open' && show.free >= free && show.seatCount <= seatsMax;
        if (fits && left-- === 0) return { showId: show.showId, city: name, movie: title };
      }
    }
  }
  throw new Error(`the demo catalog has no show with ${free} free seats of at most ${seatsMax}`);
}

/** Opens a show and waits until its map is live. */
export async function openShow(page: Page, showId: number): Promise<void> {
  await page.goto(`/shows/${showId}`);
  await liveMap(page);
}

/** Waits until the page shows a live map. */
export async function liveMap(page: Page): Promise<void> {
  await page.getByRole('grid').waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
}

/** One seat of the map. */
export const seat = (page: Page, number: number | string): Locator => page.locator(`[data-seat="${number}"]`);

/** Waits until a seat looks like this. */
export const seatBecomes = (page: Page, number: number | string, status: string): Promise<void> =>
  page.locator(`[data-seat="${number}"][data-status="${status}"]`).waitFor();

/**
 * Numbers of `count` free seats side by side with two more free ones beside them, so that no choice of these leaves a
 * single seat.
 */
export async function freeTogether(page: Page, count: number): Promise<number[]> {
  const rows = await page.getByRole('row').evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('[data-seat]')].map((one) => ({
        number: Number(one.getAttribute('data-seat')),
        isFree: one.getAttribute('data-status') === 'free',
      })),
    ),
  );
  for (const row of rows) {
    // The first run long enough begins after a seat that is not free, or at the row's end.
    const start = row.findIndex((_, at) => {
      const run = row.slice(at, at + count + 2);
      return run.length === count + 2 && run.every(({ isFree }) => isFree);
    });
    if (start >= 0) return row.slice(start, start + count).map(({ number }) => number);
  }
  throw new Error(`the map has no ${count} free seats together`);
}

/** Presses seats on the map and waits until they are chosen. */
export async function choose(page: Page, seats: readonly number[]): Promise<void> {
  for (const number of seats) {
    await seat(page, number).click();
    await seatBecomes(page, number, 'chosen');
  }
}

/** The button that holds what is chosen. */
export const holdButton = (page: Page): Locator => page.getByRole('button', { name: /^Hold (\d+ )?seats$/ });

/** Holds what is chosen and waits for the server's word. */
export async function hold(page: Page): Promise<void> {
  await holdButton(page).click();
  const refusal = page.getByRole('region', { name: 'Refused' });
  await page.getByRole('heading', { name: 'Held for you' }).or(refusal).first().waitFor();
  if (await refusal.isVisible()) throw new Error(`refused: ${await refusal.textContent()}`);
}

/** Waits until the page's live region says something. */
export const announced = (page: Page, urgency: 'polite' | 'assertive', text: RegExp): Promise<void> =>
  page.locator(`[data-announced="${urgency}"]`).filter({ hasText: text }).waitFor({ state: 'attached' });

/** A page's socket whose incoming side can be held up. */
export interface SlowLine {
  /** From now on nothing that the server sends reaches the page. */
  hold(): void;
  /** Waits until the server has sent something like this, held up or not. */
  answered(text: RegExp): Promise<void>;
  /** Everything held up reaches the page, in order, and the rest at once. */
  release(): void;
}

/** Puts a {@link SlowLine} under a page; it is there from the page's next document on. */
export async function slowLine(page: Page): Promise<SlowLine> {
  let waiting: (() => void)[] | null = null;
  const sent = new EventEmitter();
  await page.routeWebSocket(/socket\.io/, (route) => {
    route.connectToServer().onMessage((message) => {
      const deliver = () => route.send(message);
      if (waiting === null) deliver();
      else waiting.push(deliver);
      sent.emit('message', String(message));
    });
  });
  return {
    hold: () => {
      waiting = [];
    },
    answered: async (text) => {
      for await (const [message] of on(sent, 'message', { signal: AbortSignal.timeout(deadlineMs) })) {
        if (text.test(String(message))) return;
      }
    },
    release: () => {
      const late = waiting ?? [];
      waiting = null;
      for (const deliver of late) deliver();
    },
  };
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong on the page, one line a finding; every rule for WCAG 2.2 A and AA and axe's best practices. */
export async function violations(page: Page): Promise<string[]> {
  // `evaluate` and not a script element: the page's own security policy must not decide whether it is examined.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: typeof import('axe-core') }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations: found } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return found.flatMap(({ id, nodes }) => nodes.slice(0, 5).map((node) => `${id}: ${node.html}`));
  });
}
