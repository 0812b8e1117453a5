import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Admin } from '../support/admin.js';
import { makeShow } from '../support/show.js';
import { checkScreen, leaveLine, looks, useLinePages, waitForHeading } from './line-pages.js';
import { describeInBrowser, findViolations, openShow, waitForAnnouncement, waitForLiveMap } from './support.js';

describeInBrowser('the waiting room', () => {
  const pages = useLinePages({ demo: false });
  const admin = new Admin(() => pages.app.url);

  it.each(looks)(
    'admits the next session when a session leaves the show ($name)',
    async ({ name, ...look }) => {
      const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
      const [ada, ben] = [await pages.openPage(), await pages.openPage({ ...look, reducedMotion: 'reduce' })];
      await openShow(ada, showId);
      await ben.goto(`/shows/${showId}`);
      await waitForHeading(ben, 'Waiting room');
      await ben.getByText('You are next', { exact: true }).waitFor();
      await waitForAnnouncement(ben, 'polite', /number 1 of 1 in line/);
      expect(await ben.getByRole('grid').count()).toBe(0);
      expect(await findViolations(ben)).toEqual([]);
      await checkScreen(ben, `waiting-room-${name}`);

      await ada.getByRole('link', { name: 'Movies' }).click();
      await waitForLiveMap(ben);
      await waitForAnnouncement(ben, 'assertive', /your turn/);
      expect(await ben.getByRole('heading', { name: 'Waiting room' }).count()).toBe(0);
    },
    60_000,
  );

  it('lets a visitor verify the line with the receipt that the browser has stored', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await pages.openStore(showId);
    const page = await pages.openPage();
    await page.goto(`/shows/${showId}`);
    await waitForHeading(page, 'Waiting room');
    const [proof] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Check that the line is fair' }).click(),
    ]);
    await waitForHeading(proof, 'All checks passed.');
    const own = proof.getByRole('region', { name: 'Your own place' }).locator('[data-receipt="good"]');
    await own.getByText('Its place is 2. Still waiting ahead of it: 0. It is still waiting.').waitFor();
    expect(await findViolations(proof)).toEqual([]);
    await checkScreen(proof, 'proof');
    first.close();
    await waitForLiveMap(page);
    await proof.reload();
    await own.getByText('It was admitted.').waitFor();
  });

  it('can be left, and entered again later', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await pages.openStore(showId);
    const page = await pages.openPage();
    await page.goto(`/shows/${showId}`);
    await waitForHeading(page, 'Waiting room');
    await leaveLine(page);
    await waitForHeading(page, 'You left');
    expect(await findViolations(page)).toEqual([]);
    await checkScreen(page, 'outside');
    await page.getByRole('button', { name: 'Ask to enter again' }).click();
    await waitForHeading(page, 'Waiting room');
    first.close();
    await waitForLiveMap(page);
    expect(await page.getByRole('heading', { name: 'Waiting room' }).count()).toBe(0);
  });

  it('shows in every tab of a browser that the visitor has left it in one of the tabs', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await pages.openStore(showId);
    const page = await pages.openPage();
    await page.goto(`/shows/${showId}`);
    await page.getByText('You are next', { exact: true }).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(`/shows/${showId}`);
    await tab.getByText('You are next', { exact: true }).waitFor();
    await leaveLine(page);
    await waitForHeading(page, 'You left');
    await waitForHeading(tab, 'You left');
    expect(await tab.getByText('You are next', { exact: true }).count()).toBe(0);
  });

  it('ends when the show is called off, and the visitor can still look at the hall', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await pages.openStore(showId);
    const page = await pages.openPage();
    await page.goto(`/shows/${showId}`);
    await waitForHeading(page, 'Waiting room');
    const answer = await admin.call('POST', `/shows/${showId}/call-off`, { reason: 'a test' });
    expect(answer.status).toBe(200);
    await waitForHeading(page, 'The sale has ended');
    await waitForAnnouncement(page, 'assertive', /sale has ended/);
    await page.getByRole('button', { name: 'Look at the hall' }).click();
    await page.getByRole('grid').waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /^Called off$/ })
      .waitFor();
  });

  it('announces the admission on other pages of the app too', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await pages.openStore(showId);
    const page = await pages.openPage({ reducedMotion: 'reduce' });
    await page.goto(`/shows/${showId}`);
    await waitForHeading(page, 'Waiting room');
    await page.getByRole('link', { name: 'Cities' }).click();
    await page.getByRole('heading', { level: 1, name: /go out/ }).waitFor();
    first.close();
    const notice = page.getByRole('complementary', { name: 'News about your place in line' });
    await notice.getByText('It is your turn').waitFor();
    await waitForAnnouncement(page, 'assertive', /your turn/);
    await checkScreen(page, 'line-news');
    expect(await findViolations(page)).toEqual([]);
    await notice.getByRole('link', { name: 'Open the show' }).click();
    await waitForLiveMap(page);
    expect(await notice.count()).toBe(0);
  });

  it('still shows a hold after the stay has ended', async () => {
    const showId = await makeShow(pages.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 6 } });
    const page = await pages.openPage();
    await openShow(page, showId);
    await page.getByRole('button', { name: /^Hold the best 2/ }).click();
    await waitForHeading(page, 'Held for you');
    await waitForHeading(page, 'Your time in the hall is over');
    await waitForAnnouncement(page, 'assertive', /time in the hall is over/);
    await page.getByRole('timer').waitFor();
    await checkScreen(page, 'stay-ended-with-hold');
    await page.getByRole('button', { name: 'Release these seats' }).click();
    await page.getByRole('timer').waitFor({ state: 'detached' });
    await waitForHeading(page, 'Your time in the hall is over');
    expect(await page.getByRole('grid').count()).toBe(0);
  });

  it('draws the places of a lobby when the sale opens', async () => {
    const saleOpensAt = new Date(Date.now() + 3_600_000);
    const showId = await makeShow(pages.pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const visitors = await Promise.all(
      looks.map(async ({ name, ...look }) => ({
        name,
        page: await pages.openPage({ ...look, reducedMotion: 'reduce' }),
      })),
    );
    for (const { page } of visitors) {
      await page.goto(`/shows/${showId}`);
      await waitForHeading(page, 'Before the sale');
    }
    for (const { name, page } of visitors) {
      await page.getByText('One other person waits with you.').waitFor();
      await page.getByRole('timer').waitFor();
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `lobby-${name}`);
    }

    // The test moves the start of the sale only now, because a busy machine may need long for the checks of the lobby.
    const opensSoon = { saleOpensAt: new Date(Date.now() + 1000).toISOString() };
    expect((await admin.call('PATCH', `/shows/${showId}`, opensSoon)).status).toBe(200);
    // Only the admitted visitor sees a map.
    const waitForMap = (page: Page) => page.getByRole('grid').waitFor();
    const inside = await Promise.any(visitors.map(({ page }) => waitForMap(page).then(() => page)));
    await waitForLiveMap(inside);
    const other = visitors.find(({ page }) => page !== inside)!.page;
    await waitForHeading(other, 'Waiting room');
    await inside.getByRole('link', { name: 'Movies' }).click();
    await waitForLiveMap(other);
  }, 60_000);
});
