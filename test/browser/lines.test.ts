import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createUsher, type ShowStore, type Usher } from '@usher/client';
import type pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { testPool } from '../support/database.js';
import { makeShow } from '../support/show.js';
import {
  announced,
  deadlineMs,
  describeInBrowser,
  findShow,
  launch,
  liveMap,
  openShow,
  violations,
  visitor,
} from './support.js';

/** Where pictures of the screens are put for people to look at; without it none are made. */
const picturesTo = process.env.PICTURES_TO;

/** Keeps a picture of the screen, which must not scroll sideways on any device. */
const picture = async (page: Page, name: string): Promise<void> => {
  expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(page.viewportSize()?.width);
  if (picturesTo !== undefined) await page.screenshot({ path: `${picturesTo}/${name}.png`, fullPage: true });
};

const heading = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('heading', { name }).waitFor();

const adminKey = 'an admin key of tests, 32 bytes long';

describeInBrowser('the lines', () => {
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  const pages: Page[] = [];
  const ushers: Usher[] = [];

  beforeAll(async () => {
    [app, browser] = await Promise.all([
      startApp({ demo: true, env: { HOLD_SECONDS: '30', ADMIN_API_KEY: adminKey } }),
      launch(),
    ]);
    pool = testPool(app.databaseUrl, 2);
  }, 60_000);

  afterEach(async () => {
    for (const usher of ushers.splice(0)) usher.close();
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
  });

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
  });

  const someone = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await visitor(browser, app, options);
    pages.push(page);
    return page;
  };

  /** Somebody else's client, without a browser. */
  const elsewhere = async (showId: number): Promise<ShowStore> => {
    const usher = createUsher({ url: app.url });
    ushers.push(usher);
    const show = usher.openShow(showId);
    await show.ready;
    return show;
  };

  /** A show of four seats, all held by somebody else, who has two bookings of two. */
  const fullShow = async () => {
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 4 });
    const holder = await elsewhere(showId);
    const { bookingId } = await holder.reserve({ seats: [0, 1] });
    await holder.reserve({ seats: [2, 3] });
    return { showId, giveBackTwo: () => holder.release(bookingId) };
  };

  const standInLine = async (page: Page, seats: string): Promise<void> => {
    await page.getByRole('region', { name: 'Wait for seats' }).getByLabel('Seats').selectOption(seats);
    await page.getByRole('button', { name: `Join the line for ${seats} seat` }).click();
    await heading(page, `In line for ${seats} seat`);
  };

  const leave = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Leave the line' }).click();
    await page.getByRole('button', { name: 'Yes, leave the line' }).click();
  };

  const looks = [
    { name: 'light-desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { name: 'dark-telephone', colorScheme: 'dark', viewport: { width: 320, height: 740 } },
  ] as const;

  it.each(looks)(
    'turn a wait for seats into an offer with a countdown, $name',
    async ({ name, ...look }) => {
      const { showId, giveBackTwo } = await fullShow();
      const first = await elsewhere(showId);
      await first.joinLine({ partySize: 2 });
      const page = await someone({ ...look, reducedMotion: 'reduce' });
      await openShow(page, showId);
      expect(await violations(page)).toEqual([]);
      await picture(page, `wait-for-seats-${name}`);

      await standInLine(page, '2');
      await announced(page, 'polite', /number 2 of 2 in line/);
      await page.getByText('1 ahead of you').waitFor();
      expect(await violations(page)).toEqual([]);
      await picture(page, `seat-line-${name}`);

      await first.leaveLine();
      await page.getByText('You are next', { exact: true }).waitFor();
      await giveBackTwo();
      await heading(page, 'Seats were found for you');
      await announced(page, 'assertive', /Seats were found for you/);
      await page.getByRole('timer').waitFor();
      await page.getByRole('region', { name: 'Offer' }).getByText('Seats A1 and A2 are held for you').waitFor();
      expect(await page.title()).toMatch(/^Seats found/);
      expect(await page.locator('[data-status="mine"]').count()).toBe(2);
      expect(await page.getByRole('heading', { name: /In line for/ }).count()).toBe(0);
      expect(await violations(page)).toEqual([]);
      await picture(page, `offer-${name}`);

      await page.getByRole('button', { name: 'Decline these seats' }).click();
      await page.getByRole('timer').waitFor({ state: 'detached' });
      expect(await page.locator('[data-status="free"]').count()).toBe(2);
    },
    60_000,
  );

  it('can be left, and the place is gone', async () => {
    const { showId, giveBackTwo } = await fullShow();
    const page = await someone();
    await openShow(page, showId);
    await page.getByText('Sold out').waitFor();
    expect(await page.getByRole('heading', { name: 'Best seats' }).count()).toBe(0);
    await standInLine(page, '1');
    await page.getByRole('button', { name: 'Leave the line' }).click();
    await announced(page, 'polite', /you lose your place/);
    await page.getByRole('button', { name: 'Keep my place' }).click();
    await leave(page);
    await announced(page, 'polite', /left the line/);
    await heading(page, 'Wait for seats');
    await giveBackTwo();
    await page.locator('[data-status="free"]').nth(1).waitFor();
    await heading(page, 'Best seats');
    expect(await page.getByRole('heading', { name: 'Seats were found for you' }).count()).toBe(0);
  });

  it('begin with the wish that could not be met, and say when the hall can never meet it', async () => {
    const { showId } = await findShow(app);
    const page = await someone();
    await openShow(page, showId);
    const best = page.getByRole('region', { name: 'Best seats' });
    await best.getByLabel('Seats').selectOption('10');
    await best.getByLabel('Wheelchair places').check();
    await best.getByRole('button').click();
    const wait = page.getByRole('region', { name: 'Wait for seats' });
    await wait.waitFor();
    expect(await wait.getByLabel('Seats').inputValue()).toBe('10');
    expect(await wait.getByLabel('Wheelchair places').isChecked()).toBe(true);
    await picture(page, 'wait-for-seats-tiers');
    expect(await violations(page)).toEqual([]);
    await wait.getByRole('button', { name: 'Join the line for 10 seats' }).click();
    await wait
      .getByRole('region', { name: 'Refused' })
      .getByText(/Ask for fewer/)
      .waitFor();
  });

  it.each(looks)(
    'let the second in when the first leaves, $name',
    async ({ name, ...look }) => {
      const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
      const [ada, ben] = [await someone(), await someone({ ...look, reducedMotion: 'reduce' })];
      await openShow(ada, showId);
      await ben.goto(`/shows/${showId}`);
      await heading(ben, 'Waiting room');
      await ben.getByText('You are next', { exact: true }).waitFor();
      await announced(ben, 'polite', /number 1 of 1 in line/);
      expect(await ben.getByRole('grid').count()).toBe(0);
      expect(await violations(ben)).toEqual([]);
      await picture(ben, `waiting-room-${name}`);

      await ada.getByRole('link', { name: 'Movies' }).click();
      await liveMap(ben);
      await announced(ben, 'assertive', /your turn/);
      expect(await ben.getByRole('heading', { name: 'Waiting room' }).count()).toBe(0);
    },
    60_000,
  );

  it('can be checked by who stood in them, by the receipt that the browser kept', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await elsewhere(showId);
    const page = await someone();
    await page.goto(`/shows/${showId}`);
    await heading(page, 'Waiting room');
    const [proof] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Check that the line is fair' }).click(),
    ]);
    await heading(proof, 'All checks passed.');
    const own = proof.getByRole('region', { name: 'Your own place' }).locator('[data-receipt="good"]');
    await own.getByText('Its place is 2. Still waiting ahead of it: 0. It is still waiting.').waitFor();
    expect(await violations(proof)).toEqual([]);
    await picture(proof, 'proof');
    first.close();
    await liveMap(page);
    await proof.reload();
    await own.getByText('It was admitted.').waitFor();
  });

  it('are left by who leaves the waiting room, until they ask to be let in again', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await elsewhere(showId);
    const page = await someone();
    await page.goto(`/shows/${showId}`);
    await heading(page, 'Waiting room');
    await leave(page);
    await heading(page, 'You left');
    expect(await violations(page)).toEqual([]);
    await picture(page, 'outside');
    await page.getByRole('button', { name: 'Ask to enter again' }).click();
    await heading(page, 'Waiting room');
    first.close();
    await liveMap(page);
    expect(await page.getByRole('heading', { name: 'Waiting room' }).count()).toBe(0);
  });

  it('are left in both tabs of a browser when one of them leaves', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await elsewhere(showId);
    const page = await someone();
    await page.goto(`/shows/${showId}`);
    await page.getByText('You are next', { exact: true }).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(`/shows/${showId}`);
    await tab.getByText('You are next', { exact: true }).waitFor();
    await leave(page);
    await heading(page, 'You left');
    await heading(tab, 'You left');
    expect(await tab.getByText('You are next', { exact: true }).count()).toBe(0);
  });

  it('end for everybody when the show is called off, and the hall may be looked at', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await elsewhere(showId);
    const page = await someone();
    await page.goto(`/shows/${showId}`);
    await heading(page, 'Waiting room');
    const answer = await fetch(`${app.url}/v1/admin/shows/${showId}/call-off`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': adminKey },
      body: JSON.stringify({ reason: 'a test' }),
    });
    expect(answer.status).toBe(200);
    await heading(page, 'The sale has ended');
    await announced(page, 'assertive', /sale has ended/);
    await page.getByRole('button', { name: 'Look at the hall' }).click();
    await page.getByRole('grid').waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /^Called off$/ })
      .waitFor();
  });

  it('tell of a turn also on other pages of the app', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await elsewhere(showId);
    const page = await someone({ reducedMotion: 'reduce' });
    await page.goto(`/shows/${showId}`);
    await heading(page, 'Waiting room');
    await page.getByRole('link', { name: 'Cities' }).click();
    await page.getByRole('heading', { level: 1, name: /go out/ }).waitFor();
    first.close();
    const news = page.getByRole('complementary', { name: 'News about your place in line' });
    await news.getByText('It is your turn').waitFor();
    await announced(page, 'assertive', /your turn/);
    await picture(page, 'line-news');
    expect(await violations(page)).toEqual([]);
    await news.getByRole('link', { name: 'Open the show' }).click();
    await liveMap(page);
    expect(await news.count()).toBe(0);
  });

  it('lead to the seats that were found also after the news of them is lost by a reload', async () => {
    const { showId, giveBackTwo } = await fullShow();
    const page = await someone();
    await openShow(page, showId);
    await standInLine(page, '2');
    await page.getByRole('link', { name: 'Cities' }).click();
    await page.getByRole('heading', { level: 1, name: /go out/ }).waitFor();
    await giveBackTwo();
    await page
      .getByRole('complementary', { name: 'News about your place in line' })
      .getByText(/Seats were found for you/)
      .waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'My tickets' }).click();
    await page.getByRole('timer').waitFor();
    await page.getByRole('link', { name: 'Back to the seats' }).click();
    await liveMap(page);
    expect(await page.locator('[data-status="mine"]').count()).toBe(2);
  });

  it('keep a hold in view when a stay ends', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 6 } });
    const page = await someone();
    await openShow(page, showId);
    await page.getByRole('button', { name: /^Hold the best 2/ }).click();
    await heading(page, 'Held for you');
    await heading(page, 'Your time in the hall is over');
    await announced(page, 'assertive', /time in the hall is over/);
    await page.getByRole('timer').waitFor();
    await picture(page, 'stay-ended-with-hold');
    await page.getByRole('button', { name: 'Release these seats' }).click();
    await page.getByRole('timer').waitFor({ state: 'detached' });
    await heading(page, 'Your time in the hall is over');
    expect(await page.getByRole('grid').count()).toBe(0);
  });

  it.each(looks)(
    'draw the places of a lobby when the sale opens, $name',
    async ({ name, ...look }) => {
      const both = [
        await someone({ ...look, reducedMotion: 'reduce' }),
        await someone({ ...look, reducedMotion: 'reduce' }),
      ] as const;
      const saleOpensAt = new Date(Date.now() + 12_000);
      const showId = await makeShow(pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
      for (const page of both) {
        await page.goto(`/shows/${showId}`);
        await heading(page, 'Before the sale');
      }
      await both[0].getByText('One other person waits with you.').waitFor();
      await both[0].getByRole('timer').waitFor();
      expect(await violations(both[0])).toEqual([]);
      await picture(both[0], `lobby-${name}`);

      // The sale may open as late as the usual deadline, counted from here; the one who is not let in sees no map.
      const hall = (page: Page) => page.getByRole('grid').waitFor({ timeout: 2 * deadlineMs });
      const inside = await Promise.any(both.map((page) => hall(page).then(() => page)));
      await liveMap(inside);
      const other = both[0] === inside ? both[1] : both[0];
      await heading(other, 'Waiting room');
      await inside.getByRole('link', { name: 'Movies' }).click();
      await liveMap(other);
    },
    60_000,
  );
});
