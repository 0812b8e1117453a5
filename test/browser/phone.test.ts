import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Admin } from '../support/admin.js';
import { adminKey } from '../support/api-keys.js';
import { chooseSeats, describeInBrowser, setUpSite, holdChosenSeats, openShow } from './support.js';

/** A name without a space that is as long as the contract allows. */
const longWord = 'Donaudampfschiffahrtsgesellschaft'.repeat(7).slice(0, 200);

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

/** Drags a finger 200 px up over the middle of the map and waits until the page has scrolled. */
async function dragOverMap(page: Page): Promise<void> {
  const box = await page.locator('.hall-box').boundingBox();
  if (box === null) throw new Error('the page has no map');
  const devTools = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove', up: number) =>
    devTools.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: [{ x: box.x + box.width / 2, y: box.y + box.height / 2 - up }],
    });
  await touch('touchStart', 0);
  for (let up = 20; up <= 200; up += 20) await touch('touchMove', up);
  await devTools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.waitForFunction('scrollY > 100');
}

/** Pinches the middle of the map. Changes the distance between two fingers from `from` to `to` pixels. */
async function pinchMap(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator('.hall-box').boundingBox();
  if (box === null) throw new Error('the page has no map');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const devTools = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', spread: number) => {
    const touchPoints = [
      { x: x - spread / 2, y, id: 0 },
      { x: x + spread / 2, y, id: 1 },
    ];
    return devTools.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : touchPoints });
  };
  await touch('touchStart', from);
  for (let step = 1; step <= 5; step++) await touch('touchMove', from + ((to - from) * step) / 5);
  await touch('touchEnd', to);
}

/** Waits until the drawing is as wide as `before` multiplied by `times`. */
const widthBecomes = (page: Page, before: number, times: number): Promise<unknown> =>
  page.waitForFunction(
    `Math.abs(document.querySelector('.hall-box > svg').getBoundingClientRect().width / ${before} - ${times}) < 0.01`,
  );

/** Returns the names of the elements that reach beyond the right edge of the screen. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(`
    [...(document.documentElement.scrollWidth > innerWidth ? document.querySelectorAll('body *') : [])]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.tagName + '.' + element.className)
  `);

describeInBrowser('the web app on a phone', () => {
  const site = setUpSite({ demo: false, env: { ADMIN_API_KEY: adminKey } });
  const admin = new Admin(() => site.app.url);

  it('scrolls the page when the user drags or turns the wheel over a map that fits the screen', async () => {
    const { showId } = await admin.show('A-L 12s', { standard: 1250 });
    const page = await site.openPage(phone);
    await openShow(page, showId);
    await dragOverMap(page);

    const desktop = await site.openPage({ viewport: { width: 1280, height: 500 } });
    await openShow(desktop, showId);
    await desktop.locator('.hall-box').hover();
    await desktop.mouse.wheel(0, 200);
    await desktop.waitForFunction('scrollY > 100');
    expect(await desktop.evaluate('scrollY')).toBeGreaterThan(100);
    await Promise.all([page.context().close(), desktop.context().close()]);
  });

  it('zooms the map and not the page on a pinch and on ctrl+wheel', async () => {
    const { showId } = await admin.show('A-L 40s', { standard: 1250 });
    const page = await site.openPage(phone);
    await openShow(page, showId);
    const width = (await page.getByRole('grid').boundingBox())!.width;
    await pinchMap(page, 80, 160);
    await widthBecomes(page, width, 2);
    await pinchMap(page, 160, 120);
    await widthBecomes(page, width, 1.5);
    expect(await page.evaluate('visualViewport.scale')).toBe(1);

    const desktop = await site.openPage();
    await openShow(desktop, showId);
    const fitted = (await desktop.getByRole('grid').boundingBox())!.width;
    await desktop.locator('.hall-box').hover();
    await desktop.keyboard.down('Control');
    await desktop.mouse.wheel(0, -100);
    await widthBecomes(desktop, fitted, Math.exp(0.5));
    await desktop.mouse.wheel(0, 100);
    await widthBecomes(desktop, fitted, 1);
    await Promise.all([page.context().close(), desktop.context().close()]);
  });

  it('keeps every page inside the screen when names are very long words', async () => {
    const city = { name: longWord, country: 'DE', timeZone: 'Europe/Berlin', lat: 52.5, lon: 13.4 };
    const { cityId } = await admin.make('/cities', city);
    const place = { cityId, name: longWord, address: longWord, postalCode: '10115', lat: 52.5, lon: 13.4 };
    const { cinemaId } = await admin.make('/cinemas', place);
    const layout = { text: `seat S ${longWord.slice(0, 20)}\nA-D 4S_4s` };
    const { hallId } = await admin.make('/halls', { cinemaId, name: longWord, layout });
    const { movieId } = await admin.make('/movies', {
      title: longWord,
      durationMinutes: 90,
      genres: [longWord.slice(0, 40)],
      people: [{ name: longWord, role: 'director' }],
      synopsis: `${longWord}${longWord}`,
    });
    const { showId } = await admin.make('/shows', {
      movieId,
      hallId,
      startsAt: new Date(Date.now() + 86_400_000).toISOString(),
      currency: 'EUR',
      prices: { standard: 1250, [longWord.slice(0, 20)]: 1500 },
    });
    const page = await site.openPage(phone);
    const found: Record<string, string[]> = {};
    for (const path of ['/', `/cities/${cityId}`, `/cities/${cityId}/movies/${movieId}`]) {
      await page.goto(path);
      await page.getByText(longWord).first().waitFor();
      found[path] = await overflowing(page);
    }
    await openShow(page, showId);
    await chooseSeats(page, [0, 1]);
    found['chosen'] = await overflowing(page);
    await holdChosenSeats(page);
    found['held'] = await overflowing(page);
    await page.goto('/bookings');
    await page.getByText(longWord).first().waitFor();
    found['bookings'] = await overflowing(page);

    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
    await page.context().close();
  });
});
