import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, setUpSite, findShow, findViolations } from './support.js';

describeInBrowser('the movie search', () => {
  const site = setUpSite({ demo: true });

  async function openCityPage(): Promise<Page> {
    const { city } = await findShow(site.app);
    const page = await site.openPage();
    await page.goto('/');
    await page.getByRole('link', { name: city }).click();
    await page.getByRole('status').filter({ hasText: 'to choose from' }).waitFor();
    return page;
  }

  const searchField = (page: Page) => page.getByRole('searchbox', { name: 'Search title, person or genre' });
  const waitForStatus = (page: Page, text: string | RegExp) =>
    page.getByRole('status').filter({ hasText: text }).waitFor();
  const readTitles = (page: Page) => page.locator('.card-movie strong').allTextContents();

  it('searches while the user types, counts the results, and shows all movies again when the text is empty', async () => {
    const page = await openCityPage();
    const all = await readTitles(page);
    await searchField(page).pressSequentially('matr');
    await waitForStatus(page, /^\d movies? for “matr”/);
    const found = await readTitles(page);
    expect(found[0]).toBe('The Matrix');
    expect(found.length).toBeLessThan(all.length);
    expect(await findViolations(page)).toEqual([]);

    await searchField(page).fill('');
    await waitForStatus(page, 'to choose from');
    expect(await readTitles(page)).toEqual(all);
    await page.context().close();
  });

  it('suggests a correction for a misspelt word, and says if no movie matches', async () => {
    const page = await openCityPage();
    await searchField(page).fill('matirx');
    await waitForStatus(page, 'Did you mean matrix?');
    expect((await readTitles(page))[0]).toBe('The Matrix');
    expect(await findViolations(page)).toEqual([]);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });

    await searchField(page).fill('qqqqzzzz');
    await waitForStatus(page, 'No movie here matches “qqqqzzzz”');
    expect(await readTitles(page)).toEqual([]);
    await page.context().close();
  });

  it('sends few requests during fast typing, and keeps the search when the user returns from a movie', async () => {
    const page = await openCityPage();
    const keywords: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith('/search')) keywords.push(searchParams.get('keyword') ?? '');
    });
    await searchField(page).pressSequentially('matrix');
    await waitForStatus(page, '“matrix”');
    expect(keywords.length).toBeLessThan('matrix'.length);
    expect(keywords.at(-1)).toBe('matrix');
    await page
      .getByRole('link', { name: /^The Matrix / })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'The Matrix' }).waitFor();
    await page.goBack();
    await waitForStatus(page, '“matrix”');
    expect(await searchField(page).inputValue()).toBe('matrix');
    await page.context().close();
  });
});
