import { expect, it } from '@jest/globals';
import { describeInBrowser, setUpSite, findViolations } from './support.js';

describeInBrowser('the layout preview', () => {
  const site = setUpSite({ demo: false });

  it('draws the hall while the user types, names the line with an error, and then still shows the last valid hall', async () => {
    const page = await site.openPage({ reducedMotion: 'reduce' });
    await page.goto('/layouts/preview');
    await page.getByRole('img', { name: /^The hall: \d+ seats/ }).waitFor();
    const text = page.getByLabel('Layout', { exact: true });
    await text.fill('seat S premium\nA 4s_4S');
    await page.getByRole('img', { name: 'The hall: 8 seats in 1 row' }).waitFor();
    await page.getByText('8 seats: standard 4, premium 4').waitFor();

    await text.press('End');
    await text.pressSequentially('\nA ss');
    await page.getByText('Line 3: row A of Hall: seat 0 already has the label A1').waitFor();
    expect(await page.getByRole('img', { name: 'The hall: 8 seats in 1 row' }).isVisible()).toBe(true);
    expect(await findViolations(page)).toEqual([]);

    await text.fill('seat S premium\nA 4s_4S\nB 2w');
    await page.getByText('10 seats: standard 6, premium 4, wheelchair 2').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.context().close();
  });

  it('draws an arena of 20,000 seats', async () => {
    const page = await site.openPage();
    await page.goto('/layouts/preview');
    await page.getByLabel('Layout', { exact: true }).fill('section 1-20 at 0 0 round 140 step 18\nA-AA 40s');
    const drawn = page.getByRole('img', { name: 'The hall: 20000 seats in 500 rows' }).waitFor();
    await expect(drawn).resolves.toBeUndefined();
    await page.context().close();
  });
});
