import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Admin } from '../support/admin.js';
import { adminKey } from '../support/api-keys.js';
import {
  waitForAnnouncement,
  chooseSeats,
  describeInBrowser,
  setUpSite,
  findShow,
  findFreeSeatsTogether,
  holdChosenSeats,
  holdButton,
  waitForLiveMap,
  openShow,
  seat,
  waitForSeatStatus,
  interceptSocket,
} from './support.js';

describeInBrowser('two visitors of one show', () => {
  const site = setUpSite({ demo: true });
  let showId: number;
  let ada: Page;
  let ben: Page;

  beforeAll(async () => {
    ({ showId } = await findShow(site.app));
    [ada, ben] = await Promise.all([site.openPage(), site.openPage()]);
    await Promise.all([openShow(ada, showId), openShow(ben, showId)]);
  });

  /**
   * Returns the page. If an earlier test has left chosen or held seats on the page, returns the page of a new visitor
   * instead.
   */
  const withoutSeats = async (page: Page): Promise<Page> => {
    if ((await page.locator('[data-status="chosen"], [data-status="mine"]').count()) === 0) return page;
    await page.context().close();
    const other = await site.openPage();
    await openShow(other, showId);
    return other;
  };

  beforeEach(async () => {
    [ada, ben] = await Promise.all([withoutSeats(ada), withoutSeats(ben)]);
  });

  it('both see a hold and its release on their maps', async () => {
    const seats = await findFreeSeatsTogether(ada, 2);
    await chooseSeats(ada, seats);
    await holdChosenSeats(ada);
    await Promise.all(
      seats.flatMap((number) => [waitForSeatStatus(ada, number, 'mine'), waitForSeatStatus(ben, number, 'held')]),
    );

    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await Promise.all(
      seats.flatMap((number) => [waitForSeatStatus(ada, number, 'free'), waitForSeatStatus(ben, number, 'free')]),
    );
    await waitForAnnouncement(ada, 'polite', /released/);
    expect(await ada.getByRole('heading', { name: 'Held for you' }).count()).toBe(0);
  });

  it('are told if the other visitor takes a seat that they have chosen', async () => {
    const [first = 0, second = 0] = await findFreeSeatsTogether(ada, 2);
    await chooseSeats(ben, [first, second]);
    await chooseSeats(ada, [first, second]);
    await holdChosenSeats(ada);
    await waitForSeatStatus(ben, first, 'held');
    await waitForAnnouncement(ben, 'polite', /Someone else has just taken/);
    expect(await ben.locator('[data-status="chosen"]').count()).toBe(0);
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await waitForSeatStatus(ben, first, 'free');
  });

  it('see their own hold again after a reload', async () => {
    const [number = 0] = await findFreeSeatsTogether(ada, 1);
    await chooseSeats(ada, [number]);
    await holdChosenSeats(ada);
    await ada.reload();
    await waitForLiveMap(ada);
    await waitForSeatStatus(ada, number, 'mine');
    expect(await ada.getByRole('timer').textContent()).toMatch(/^[45]:\d\d/);
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await waitForSeatStatus(ada, number, 'free');
  });

  it('can hold the best seats together', async () => {
    await ada.getByRole('combobox', { name: 'Seats' }).selectOption('3');
    await ada.getByRole('button', { name: 'Hold the best 3 seats together' }).click();
    await ada.getByRole('heading', { name: 'Held for you' }).waitFor();
    expect(await ada.locator('[data-status="mine"]').count()).toBe(3);
    await ben.locator('[data-status="held"]').nth(2).waitFor();
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await ada.getByRole('heading', { name: 'Held for you' }).waitFor({ state: 'detached' });
  });

  it('cannot choose an eleventh seat, and are told why', async () => {
    const free = await ben
      .locator('[data-status="free"]')
      .evaluateAll((all) => all.slice(0, 11).map((element) => Number(element.getAttribute('data-seat'))));
    await chooseSeats(ben, free.slice(0, 10));
    await seat(ben, free[10]!).click();
    await waitForAnnouncement(ben, 'assertive', /at most 10/);
    expect(await ben.locator('[data-status="chosen"]').count()).toBe(10);
  });

  it('are told why the service refused their seats, and can hold the suggested seats instead', async () => {
    await ben.context().close();
    ben = await site.openPage();
    const socket = await interceptSocket(ben);
    await openShow(ben, showId);
    const seats = await findFreeSeatsTogether(ada, 2);
    await chooseSeats(ben, seats);
    // Ben's page does not receive the server's messages for a while, so it does not show that Ada takes his seats.
    socket.pause();
    await chooseSeats(ada, seats);
    await holdChosenSeats(ada);
    const refused = socket.waitForMessage(/SEATS_TAKEN/);
    await holdButton(ben).click();
    await refused;
    expect(await ben.locator('[data-status="chosen"]').count()).toBe(2);
    socket.resume();

    const refusal = ben.getByRole('region', { name: 'Refused' });
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/Someone else has just taken seats .+, so you do not hold any seats/);
    await waitForAnnouncement(ben, 'assertive', /Someone else has just taken/);
    expect(await ben.locator('[data-offered]').count()).toBe(2);

    await refusal.getByRole('button', { name: 'Hold these seats instead' }).click();
    await ben.getByRole('heading', { name: 'Held for you' }).waitFor();
    expect(await ben.locator('[data-status="mine"]').count()).toBe(2);
  });
});

describeInBrowser('a hold that expires', () => {
  const site = setUpSite({ demo: false, env: { HOLD_SECONDS: '3', ADMIN_API_KEY: adminKey } });
  const admin = new Admin(() => site.app.url);

  it('frees the seat on both maps, and the holder is told', async () => {
    const { showId } = await admin.showInRow('ssss');
    const [ada, ben] = await Promise.all([site.openPage(), site.openPage()]);
    await Promise.all([openShow(ada, showId), openShow(ben, showId)]);
    const [number = 0] = await findFreeSeatsTogether(ada, 1);
    await chooseSeats(ada, [number]);
    await holdChosenSeats(ada);
    await waitForSeatStatus(ben, number, 'held');

    await Promise.all([waitForSeatStatus(ada, number, 'free'), waitForSeatStatus(ben, number, 'free')]);
    await ada.getByRole('region', { name: 'Time ran out' }).waitFor();
    await waitForAnnouncement(ada, 'assertive', /ran out/);
    expect(await ada.getByRole('heading', { name: 'Held for you' }).count()).toBe(0);
  });
});
