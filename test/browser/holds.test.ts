import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import {
  announced,
  choose,
  describeInBrowser,
  findShow,
  freeTogether,
  hold,
  holdButton,
  launch,
  liveMap,
  openShow,
  seat,
  seatBecomes,
  slowLine,
  visitor,
} from './support.js';

describeInBrowser('two visitors of one show', () => {
  let app: TestApp;
  let browser: Browser;
  let showId: number;
  let ada: Page;
  let ben: Page;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: true }), launch()]);
    ({ showId } = await findShow(app));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  const meet = async (): Promise<void> => {
    [ada, ben] = await Promise.all([visitor(browser, app), visitor(browser, app)]);
    await Promise.all([openShow(ada, showId), openShow(ben, showId)]);
  };

  afterEach(async () => {
    await Promise.all([ada.context().close(), ben.context().close()]);
  });

  it('see a hold on both maps, and its release too', async () => {
    await meet();
    const seats = await freeTogether(ada, 2);
    await choose(ada, seats);
    await hold(ada);
    await Promise.all(seats.flatMap((one) => [seatBecomes(ada, one, 'mine'), seatBecomes(ben, one, 'held')]));

    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await Promise.all(seats.flatMap((one) => [seatBecomes(ada, one, 'free'), seatBecomes(ben, one, 'free')]));
    await announced(ada, 'polite', /released/);
    expect(await ada.getByRole('heading', { name: 'Held for you' }).count()).toBe(0);
  });

  it('hear which chosen seat the other one took', async () => {
    await meet();
    const [first = 0, second = 0] = await freeTogether(ada, 2);
    await choose(ben, [first, second]);
    await choose(ada, [first, second]);
    await hold(ada);
    await seatBecomes(ben, first, 'held');
    await announced(ben, 'polite', /Someone else has just taken/);
    expect(await ben.locator('[data-status="chosen"]').count()).toBe(0);
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await seatBecomes(ben, first, 'free');
  });

  it('find a running hold again after a reload', async () => {
    await meet();
    const [one = 0] = await freeTogether(ada, 1);
    await choose(ada, [one]);
    await hold(ada);
    await ada.reload();
    await liveMap(ada);
    await seatBecomes(ada, one, 'mine');
    expect(await ada.getByRole('timer').textContent()).toMatch(/^[45]:\d\d/);
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await seatBecomes(ada, one, 'free');
  });

  it('are given the best seats together', async () => {
    await meet();
    await ada.getByRole('combobox', { name: 'Seats' }).selectOption('3');
    await ada.getByRole('button', { name: 'Hold the best 3 seats together' }).click();
    await ada.getByRole('heading', { name: 'Held for you' }).waitFor();
    expect(await ada.locator('[data-status="mine"]').count()).toBe(3);
    await ben.locator('[data-status="held"]').nth(2).waitFor();
    await ada.getByRole('button', { name: 'Release these seats' }).click();
    await ada.getByRole('heading', { name: 'Held for you' }).waitFor({ state: 'detached' });
  });

  it('cannot choose an eleventh seat and hear so', async () => {
    await meet();
    const free = await ada
      .locator('[data-status="free"]')
      .evaluateAll((all) => all.slice(0, 11).map((one) => Number(one.getAttribute('data-seat'))));
    await choose(ada, free.slice(0, 10));
    await seat(ada, free[10]!).click();
    await announced(ada, 'assertive', /at most 10/);
    expect(await ada.locator('[data-status="chosen"]').count()).toBe(10);
  });

  it('are told why a choice was refused and can take what is free instead', async () => {
    await meet();
    const line = await slowLine(ben);
    await openShow(ben, showId);
    const seats = await freeTogether(ada, 2);
    await choose(ben, seats);
    // What the server says does not reach Ben for a while, so he wishes on an old map.
    line.hold();
    await choose(ada, seats);
    await hold(ada);
    const refused = line.answered(/SEATS_TAKEN/);
    await holdButton(ben).click();
    await refused;
    expect(await ben.locator('[data-status="chosen"]').count()).toBe(2);
    line.release();

    const refusal = ben.getByRole('region', { name: 'Refused' });
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/Someone else has just taken seats .+, so you do not hold any seats/);
    await announced(ben, 'assertive', /Someone else has just taken/);
    expect(await ben.locator('[data-offered]').count()).toBe(2);

    await refusal.getByRole('button', { name: 'Hold these seats instead' }).click();
    await ben.getByRole('heading', { name: 'Held for you' }).waitFor();
    expect(await ben.locator('[data-status="mine"]').count()).toBe(2);
  });
});

describeInBrowser('a hold whose time runs out', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: true, env: { HOLD_SECONDS: '3' } }), launch()]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('comes free on both maps, and its holder is told', async () => {
    const { showId } = await findShow(app);
    const [ada, ben] = await Promise.all([visitor(browser, app), visitor(browser, app)]);
    await Promise.all([openShow(ada, showId), openShow(ben, showId)]);
    const [one = 0] = await freeTogether(ada, 1);
    await choose(ada, [one]);
    await hold(ada);
    await seatBecomes(ben, one, 'held');

    await Promise.all([seatBecomes(ada, one, 'free'), seatBecomes(ben, one, 'free')]);
    await ada.getByRole('region', { name: 'Time ran out' }).waitFor();
    await announced(ada, 'assertive', /ran out/);
    expect(await ada.getByRole('heading', { name: 'Held for you' }).count()).toBe(0);
  });
});
