import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { waitForAnnouncement, describeInBrowser, setUpSite, findShow, waitForLiveMap } from './support.js';

/**
 * The focused element: its accessible name, its seat number if it is a seat, and its day if it is the choice of a day.
 */
interface FocusedElement {
  readonly name: string;
  readonly seat: string | null;
  readonly day: string | null;
}

const readFocus = (page: Page): Promise<FocusedElement> =>
  page.locator('html').evaluate((html) => {
    const element = html.ownerDocument.activeElement;
    const name = element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    return {
      name: name.trim(),
      seat: element?.getAttribute('data-seat') ?? null,
      day: element?.getAttribute('name') === 'day' ? element.getAttribute('value') : null,
    };
  });

/** Presses Tab until a matching element has the focus. Fails after 60 elements, which is more than any page has. */
async function tabTo(page: Page, fits: (element: FocusedElement) => boolean): Promise<void> {
  const names: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const element = await readFocus(page);
    if (fits(element)) return;
    names.push(element.name);
  }
  throw new Error(`Tab did not reach a matching element. It reached ${names.join(' | ')}`);
}

describeInBrowser('a visitor who uses only the keyboard', () => {
  const site = setUpSite({ demo: true });

  it('can choose a city, hold a seat and release it', async () => {
    const { city, movie } = await findShow(site.app);
    const page = await site.openPage();
    await page.goto('/');
    await page.getByRole('link', { name: city }).waitFor();

    await page.keyboard.press('Tab');
    expect(await readFocus(page)).toMatchObject({ name: 'Skip to the content' });
    await tabTo(page, ({ name }) => name.startsWith(city));
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: `Playing in ${city}` }).waitFor();
    await page.getByRole('link', { name: movie }).first().waitFor();
    await tabTo(page, ({ name }) => name.includes(movie));
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: movie, exact: true }).waitFor();
    await tabTo(page, ({ day }) => day !== null);
    const { day } = await readFocus(page);
    await page.keyboard.press('ArrowRight');
    expect((await readFocus(page)).day).not.toBe(day);
    await page.keyboard.press('ArrowLeft');
    expect((await readFocus(page)).day).toBe(day);
    await page
      .getByRole('radio', { checked: true })
      .and(page.locator(`[value="${day}"]`))
      .waitFor({ state: 'attached' });
    await page.locator('.showtime.sale-open').first().waitFor();
    await tabTo(page, ({ name }) => /\d+ free$/.test(name));
    await page.keyboard.press('Enter');
    await waitForLiveMap(page);

    await tabTo(page, ({ seat }) => seat !== null);
    const chosen = await chooseFreeSeat(page);
    await waitForAnnouncement(page, 'polite', /chosen/);
    await tabTo(page, ({ name }) => name === 'Hold seats');
    await page.keyboard.press('Enter');
    await page.locator(`[data-seat="${chosen}"][data-status="mine"]`).waitFor();
    await waitForAnnouncement(page, 'polite', /held for you/);

    expect(await readFocus(page)).toMatchObject({ name: 'Held for you' });
    // The first stop of the Tab key is the choice for a late payment. The second is the pay button.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect((await readFocus(page)).name).toMatch(/^Pay \D?\d/);
    await tabTo(page, ({ name }) => name === 'Release these seats');
    await page.keyboard.press('Enter');
    await page.locator(`[data-seat="${chosen}"][data-status="free"]`).waitFor();
    await page.getByRole('timer').waitFor({ state: 'detached' });
    expect(await readFocus(page)).toMatchObject({ name: 'Your seats' });
  }, 60_000);

  it('can zoom around the focused seat, which stays in view', async () => {
    const { showId } = await findShow(site.app);
    const page = await site.openPage();
    await page.goto(`/shows/${showId}`);
    await waitForLiveMap(page);
    await tabTo(page, ({ seat }) => seat !== null);
    // Moves the focus to the last seat of the first row, which is far from the middle.
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    for (const key of ['+', '+', '+', '-']) {
      const width = await drawnWidth(page);
      await page.keyboard.press(key);
      await expect(drawnWidth(page)).resolves.not.toBe(width);
      expect(await isFocusInView(page)).toBe(true);
    }
  });

  it('hears the place, tier, price and status of every seat', async () => {
    const { showId } = await findShow(site.app);
    const page = await site.openPage();
    await page.goto(`/shows/${showId}`);
    await waitForLiveMap(page);
    const names = await page
      .getByRole('gridcell')
      .evaluateAll((all) => all.map((element) => element.getAttribute('aria-label') ?? ''));
    expect(names.length).toBeGreaterThan(0);
    const odd = names.filter((name) => !/row .+ seat .+, .*\d, (free|held by|sold|not for sale)/i.test(name));
    expect(odd).toEqual([]);
  });
});

const drawnWidth = (page: Page): Promise<number> =>
  page.getByRole('grid').evaluate((grid) => grid.getBoundingClientRect().width);

/** Returns whether the focused element is completely inside the visible part of the hall. */
const isFocusInView = (page: Page): Promise<boolean> =>
  page.locator('.hall-box').evaluate((box) => {
    const frame = box.getBoundingClientRect();
    const seat = box.ownerDocument.activeElement?.getBoundingClientRect();
    if (seat === undefined) return false;
    const isAcross = seat.left >= frame.left - 1 && seat.right <= frame.right + 1;
    return isAcross && seat.top >= frame.top - 1 && seat.bottom <= frame.bottom + 1;
  });

/** Moves the focus with the arrow keys until it is on a free seat, and chooses the seat. */
async function chooseFreeSeat(page: Page): Promise<string> {
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']) {
    await page.keyboard.press(key);
    const { name, seat } = await readFocus(page);
    if (seat === null) throw new Error('an arrow key moved the focus out of the map');
    if (!name.endsWith('free')) continue;
    await page.keyboard.press('Space');
    await page.locator(`[data-seat="${seat}"][data-status="chosen"]`).waitFor();
    return seat;
  }
  throw new Error('there is no free seat around the middle of the hall');
}
