import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { announced, describeInBrowser, findShow, launch, liveMap, visitor } from './support.js';

/** What has the focus: its name for people, and which seat or which day it is, if it is one. */
interface Stop {
  readonly name: string;
  readonly seat: string | null;
  readonly day: string | null;
}

const focused = (page: Page): Promise<Stop> =>
  page.locator('html').evaluate((html) => {
    const element = html.ownerDocument.activeElement;
    const name = element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    return {
      name: name.trim(),
      seat: element?.getAttribute('data-seat') ?? null,
      day: element?.getAttribute('name') === 'day' ? element.getAttribute('value') : null,
    };
  });

/** Presses Tab until what has the focus fits; fails after more stops than any page has. */
async function tabTo(page: Page, fits: (stop: Stop) => boolean): Promise<void> {
  const stops: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    if (fits(stop)) return;
    stops.push(stop.name);
  }
  throw new Error(`Tab never got there; it stopped at ${stops.join(' | ')}`);
}

describeInBrowser('the keyboard alone', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: true }), launch()]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('goes from the city to a hold and back to a release', async () => {
    const { city, movie } = await findShow(app);
    const page = await visitor(browser, app);
    await page.goto('/');
    await page.getByRole('link', { name: city }).waitFor();

    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ name: 'Skip to the content' });
    await tabTo(page, ({ name }) => name.startsWith(city));
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: `Playing in ${city}` }).waitFor();
    await page.getByRole('link', { name: movie }).first().waitFor();
    await tabTo(page, ({ name }) => name.includes(movie));
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: movie, exact: true }).waitFor();
    await tabTo(page, ({ day }) => day !== null);
    const { day } = await focused(page);
    await page.keyboard.press('ArrowRight');
    expect((await focused(page)).day).not.toBe(day);
    await page.keyboard.press('ArrowLeft');
    expect((await focused(page)).day).toBe(day);
    await page
      .getByRole('radio', { checked: true })
      .and(page.locator(`[value="${day}"]`))
      .waitFor({ state: 'attached' });
    await page.locator('.showtime.sale-open').first().waitFor();
    await tabTo(page, ({ name }) => /\d+ free$/.test(name));
    await page.keyboard.press('Enter');
    await liveMap(page);

    await tabTo(page, ({ seat }) => seat !== null);
    const chosen = await chooseFreeSeat(page);
    await announced(page, 'polite', /chosen/);
    await tabTo(page, ({ name }) => name === 'Hold seats');
    await page.keyboard.press('Enter');
    await page.locator(`[data-seat="${chosen}"][data-status="mine"]`).waitFor();
    await announced(page, 'polite', /held for you/);

    expect(await focused(page)).toMatchObject({ name: 'Held for you' });
    // What to do should the money come too late, then the way to pay.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect((await focused(page)).name).toMatch(/^Pay \D?\d/);
    await tabTo(page, ({ name }) => name === 'Release these seats');
    await page.keyboard.press('Enter');
    await page.locator(`[data-seat="${chosen}"][data-status="free"]`).waitFor();
    await page.getByRole('timer').waitFor({ state: 'detached' });
    expect(await focused(page)).toMatchObject({ name: 'Your seats' });
  }, 60_000);

  it('zooms in and out around the seat that has the focus, which stays in view', async () => {
    const { showId } = await findShow(app);
    const page = await visitor(browser, app);
    await page.goto(`/shows/${showId}`);
    await liveMap(page);
    await tabTo(page, ({ seat }) => seat !== null);
    // The last seat of the first row: far from the middle.
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    for (const key of ['+', '+', '+', '-']) {
      const width = await drawnWidth(page);
      await page.keyboard.press(key);
      await expect(drawnWidth(page)).resolves.not.toBe(width);
      expect(await isFocusInView(page)).toBe(true);
    }
  });

  it('reads every seat of the map as place, tier, price and state', async () => {
    const { showId } = await findShow(app);
    const page = await visitor(browser, app);
    await page.goto(`/shows/${showId}`);
    await liveMap(page);
    const names = await page
      .getByRole('gridcell')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    expect(names.length).toBeGreaterThan(0);
    const odd = names.filter((name) => !/row .+ seat .+, .*\d, (free|held by|sold|not for sale)/i.test(name));
    expect(odd).toEqual([]);
  });
});

const drawnWidth = (page: Page): Promise<number> =>
  page.getByRole('grid').evaluate((grid) => grid.getBoundingClientRect().width);

/** Whether what has the focus is wholly inside the part of the hall that is seen. */
const isFocusInView = (page: Page): Promise<boolean> =>
  page.locator('.hall-box').evaluate((box) => {
    const frame = box.getBoundingClientRect();
    const seat = box.ownerDocument.activeElement?.getBoundingClientRect();
    if (seat === undefined) return false;
    const isAcross = seat.left >= frame.left - 1 && seat.right <= frame.right + 1;
    return isAcross && seat.top >= frame.top - 1 && seat.bottom <= frame.bottom + 1;
  });

/** Walks the map with the arrow keys until a free seat is under the focus, and chooses it. */
async function chooseFreeSeat(page: Page): Promise<string> {
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']) {
    await page.keyboard.press(key);
    const { name, seat } = await focused(page);
    if (seat === null) throw new Error('an arrow key left the map');
    if (!name.endsWith('free')) continue;
    await page.keyboard.press('Space');
    await page.locator(`[data-seat="${seat}"][data-status="chosen"]`).waitFor();
    return seat;
  }
  throw new Error('no free seat around the middle of the hall');
}
