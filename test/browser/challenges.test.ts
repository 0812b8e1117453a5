import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { makeShow } from '../support/show.js';
import { checkScreen, looks, useLinePages } from './line-pages.js';
import {
  chooseSeats,
  describeInBrowser,
  findViolations,
  holdChosenSeats,
  openShow,
  waitForAnnouncement,
  waitForLiveMap,
} from './support.js';

const challengePath = /\/v1\/shows\/\d+\/challenge$/;
const solving = 'Checking that you are not a robot\u00A0…';
const protection = { challenge: 'always' } as const;
const busyShow = { waitingRoom: { mode: 'on', maxShoppers: 5 }, protection } as const;

/** Lets the page wait for its challenge until the returned function is called. */
async function delayChallenge(page: Page): Promise<() => void> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(challengePath, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

describeInBrowser('a challenge', () => {
  const pages = useLinePages({ demo: false });

  it.each(looks)(
    'is solved by the page before the buyer enters a busy show ($name)',
    async ({ name, ...look }) => {
      const page = await pages.openPage(look);
      const workers: string[] = [];
      page.on('worker', (worker) => workers.push(worker.url()));
      const release = await delayChallenge(page);
      await page.goto(`/shows/${await makeShow(pages.pool, busyShow)}`);
      await page.getByRole('status').filter({ hasText: solving }).waitFor();
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `challenge-solving-${name}`);
      release();
      await waitForLiveMap(page);
      // The policy of the page allows the workers. Without them, the page would solve the challenge more slowly.
      expect(workers.length).toBeGreaterThan(0);
      expect(workers.join()).toContain('altcha-worker');
      expect(await page.getByText(solving).count()).toBe(0);
    },
    60_000,
  );

  it('is solved by the page when the buyer holds seats', async () => {
    const page = await pages.openPage();
    await openShow(page, await makeShow(pages.pool, { protection }));
    await chooseSeats(page, [11, 12]);
    await holdChosenSeats(page);
    await waitForAnnouncement(page, 'polite', /held/i);
    expect(await page.getByText(solving).count()).toBe(0);
  }, 60_000);

  it.each(looks)(
    'that fails has a button to try again ($name)',
    async ({ name, ...look }) => {
      const page = await pages.openPage(look);
      const body = { provider: 'unknown', parameters: {}, expiresAt: new Date().toISOString() };
      await page.route(challengePath, (route) => route.fulfill({ json: body }));
      await page.goto(`/shows/${await makeShow(pages.pool, busyShow)}`);
      const failure = page.getByRole('alert').filter({ hasText: 'The check did not work.' });
      await failure.waitFor();
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `challenge-failed-${name}`);
      await page.unroute(challengePath);
      await failure.getByRole('button', { name: 'Try again' }).click();
      await waitForLiveMap(page);
      expect(await failure.count()).toBe(0);
    },
    60_000,
  );
});
