import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { makeAccessCodes } from '../support/access-codes.js';
import { Admin } from '../support/admin.js';
import { adminKey } from '../support/api-keys.js';
import {
  chooseSeats,
  describeInBrowser,
  findViolations,
  holdChosenSeats,
  openShow,
  setUpSite,
  waitForAnnouncement,
  waitForLiveMap,
} from './support.js';

/** The folder in which the tests store pictures of the pages; undefined if they store none. */
const pictures = process.env['TEST_PICTURES'];

describeInBrowser('the page of a show that requires an access code', () => {
  const site = setUpSite({ demo: false, env: { ADMIN_API_KEY: adminKey } });
  const admin = new Admin(() => site.app.url);
  const looks = [
    ['light, desktop', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark, telephone', { colorScheme: 'dark', viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }],
  ] as const;

  async function makePresale(other: object = {}): Promise<{ showId: number; code: string }> {
    const { showId } = await admin.showInRow('ssssssss', { protection: { codeRequired: true }, ...other });
    const { codes } = await makeAccessCodes(admin, showId);
    return { showId, code: codes[0]! };
  }

  const field = (page: Page) => page.getByRole('textbox', { name: 'Access code' });
  const problem = (page: Page, text: string) => page.locator('form').getByText(text);
  const useCode = (page: Page) => page.getByRole('button', { name: 'Use code' }).click();

  /** Checks the accessibility of the page and that it does not scroll sideways. */
  async function checkPage(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
    expect(await findViolations(page)).toEqual([]);
    const { width } = page.viewportSize()!;
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(width);
  }

  it.each(looks)('asks for the code beside the seats, and lets its buyer hold seats (%s)', async (name, look) => {
    const { showId, code } = await makePresale();
    const page = await site.openPage(look);
    await openShow(page, showId);
    await field(page).waitFor();
    await checkPage(page, `code-needed ${name}`);

    // The page itself notices a typing error. Only the service knows that there is no such code.
    await field(page).fill((code.startsWith('B') ? 'C' : 'B') + code.slice(1));
    await useCode(page);
    await problem(page, 'This code contains a typing error.').waitFor();
    await field(page).fill('INVENTED2031');
    await useCode(page);
    await problem(page, 'This show has no such code.').waitFor();
    await waitForAnnouncement(page, 'assertive', /no such code/);
    expect(await field(page).inputValue()).toBe('INVENTED2031');
    expect(await field(page).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page).evaluate((input) => input.matches(':focus'))).toBe(true);
    await checkPage(page, `code-refused ${name}`);

    await field(page).fill(code.toLowerCase());
    await field(page).press('Enter');
    await page.getByText('Your access code allows 2 seats').waitFor();
    await waitForAnnouncement(page, 'polite', /code was accepted/);
    await checkPage(page, `code-accepted ${name}`);
    await chooseSeats(page, [0, 1]);
    await holdChosenSeats(page);

    // The service remembers the code for the session.
    await page.reload();
    await page.getByText('Your access code allows 2 seats').waitFor();
    expect(await field(page).count()).toBe(0);
    await page.context().close();
  });

  it('fills in the code of an invitation, removes it from the address, and then opens the show', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 5 };
    const { showId, code } = await makePresale({ waitingRoom });
    const page = await site.openPage();
    await page.goto(`/shows/${showId}?code=${code}`);
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe(code);
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByRole('grid').count()).toBe(0);
    await checkPage(page, 'code-invitation');
    await page.reload();
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe(code);
    await useCode(page);
    await waitForLiveMap(page);
    expect(await field(page).count()).toBe(0);
    await page.context().close();
  });

  it('asks again after the organiser has revoked the code', async () => {
    const { showId } = await admin.showInRow('ssssssss', { protection: { codeRequired: true } });
    const { batchId, codes } = await makeAccessCodes(admin, showId);
    const page = await site.openPage();
    await openShow(page, showId);
    await field(page).fill(codes[0]!);
    await useCode(page);
    await page.getByText('Your access code allows 2 seats').waitFor();
    await admin.call('DELETE', `/shows/${showId}/access-codes/${batchId}`);
    await chooseSeats(page, [0]);
    await page.getByRole('button', { name: 'Hold seat' }).click();
    await page.getByRole('heading', { name: 'This show needs an access code' }).waitFor();
    await field(page).fill(codes[0]!);
    await useCode(page);
    await problem(page, 'The organiser has revoked this code.').waitFor();
    expect(await page.locator('[data-status="mine"]').count()).toBe(0);
    await page.context().close();
  });
});
