import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { makeShow } from '../support/show.js';
import { checkScreen, leaveLine, looks, useLinePages, waitForHeading } from './line-pages.js';
import {
  describeInBrowser,
  findShow,
  findViolations,
  openShow,
  waitForAnnouncement,
  waitForLiveMap,
} from './support.js';

describeInBrowser('the line for seats', () => {
  const pages = useLinePages({ demo: true });

  /** Creates a show of four seats. Another visitor holds all of them in two bookings of two seats. */
  async function createFullShow() {
    const showId = await makeShow(pages.pool, { rows: 1, seatsPerRow: 4 });
    const holder = await pages.openStore(showId);
    const { bookingId } = await holder.reserve({ seats: [0, 1] });
    await holder.reserve({ seats: [2, 3] });
    return { showId, releaseTwoSeats: () => holder.release(bookingId) };
  }

  async function joinLine(page: Page, seats: string): Promise<void> {
    await page.getByRole('region', { name: 'Wait for seats' }).getByLabel('Seats').selectOption(seats);
    await page.getByRole('button', { name: `Join the line for ${seats} seat` }).click();
    await waitForHeading(page, `In line for ${seats} seat`);
  }

  it.each(looks)(
    'turns a wait into an offer with a countdown ($name)',
    async ({ name, ...look }) => {
      const { showId, releaseTwoSeats } = await createFullShow();
      const first = await pages.openStore(showId);
      await first.joinLine({ partySize: 2 });
      const page = await pages.openPage({ ...look, reducedMotion: 'reduce' });
      await openShow(page, showId);
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `wait-for-seats-${name}`);

      await joinLine(page, '2');
      await waitForAnnouncement(page, 'polite', /number 2 of 2 in line/);
      await page.getByText('1 ahead of you').waitFor();
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `seat-line-${name}`);

      await first.leaveLine();
      await page.getByText('You are next', { exact: true }).waitFor();
      await releaseTwoSeats();
      await waitForHeading(page, 'Seats were found for you');
      await waitForAnnouncement(page, 'assertive', /Seats were found for you/);
      await page.getByRole('timer').waitFor();
      await page.getByRole('region', { name: 'Offer' }).getByText('Seats A1 and A2 are held for you').waitFor();
      expect(await page.title()).toMatch(/^Seats found/);
      expect(await page.locator('[data-status="mine"]').count()).toBe(2);
      expect(await page.getByRole('heading', { name: /In line for/ }).count()).toBe(0);
      expect(await findViolations(page)).toEqual([]);
      await checkScreen(page, `offer-${name}`);

      await page.getByRole('button', { name: 'Decline these seats' }).click();
      await page.getByRole('timer').waitFor({ state: 'detached' });
      expect(await page.locator('[data-status="free"]').count()).toBe(2);
    },
    60_000,
  );

  it('can be left, and the place is then lost', async () => {
    const { showId, releaseTwoSeats } = await createFullShow();
    const page = await pages.openPage();
    await openShow(page, showId);
    await page.getByText('Sold out').waitFor();
    expect(await page.getByRole('heading', { name: 'Best seats' }).count()).toBe(0);
    await joinLine(page, '1');
    await page.getByRole('button', { name: 'Leave the line' }).click();
    await waitForAnnouncement(page, 'polite', /you lose your place/);
    await page.getByRole('button', { name: 'Keep my place' }).click();
    await leaveLine(page);
    await waitForAnnouncement(page, 'polite', /left the line/);
    await waitForHeading(page, 'Wait for seats');
    await releaseTwoSeats();
    await page.locator('[data-status="free"]').nth(1).waitFor();
    await waitForHeading(page, 'Best seats');
    expect(await page.getByRole('heading', { name: 'Seats were found for you' }).count()).toBe(0);
  });

  it('is suggested for the seats that were not available, and refuses a request if the hall has no such seats at all', async () => {
    const { showId } = await findShow(pages.app);
    const page = await pages.openPage();
    await openShow(page, showId);
    const best = page.getByRole('region', { name: 'Best seats' });
    await best.getByLabel('Seats').selectOption('10');
    await best.getByLabel('Wheelchair places').check();
    await best.getByRole('button').click();
    const wait = page.getByRole('region', { name: 'Wait for seats' });
    await wait.waitFor();
    expect(await wait.getByLabel('Seats').inputValue()).toBe('10');
    expect(await wait.getByLabel('Wheelchair places').isChecked()).toBe(true);
    await checkScreen(page, 'wait-for-seats-tiers');
    expect(await findViolations(page)).toEqual([]);
    await wait.getByRole('button', { name: 'Join the line for 10 seats' }).click();
    await wait
      .getByRole('region', { name: 'Refused' })
      .getByText(/Ask for fewer/)
      .waitFor();
  });

  it('leads to the offered seats even if a reload has removed the notice', async () => {
    const { showId, releaseTwoSeats } = await createFullShow();
    const page = await pages.openPage();
    await openShow(page, showId);
    await joinLine(page, '2');
    await page.getByRole('link', { name: 'Cities' }).click();
    await page.getByRole('heading', { level: 1, name: /go out/ }).waitFor();
    await releaseTwoSeats();
    await page
      .getByRole('complementary', { name: 'News about your place in line' })
      .getByText(/Seats were found for you/)
      .waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'My tickets' }).click();
    await page.getByRole('timer').waitFor();
    await page.getByRole('link', { name: 'Back to the seats' }).click();
    await waitForLiveMap(page);
    expect(await page.locator('[data-status="mine"]').count()).toBe(2);
  });
});
