import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { describeInBrowser, findShow, launch, violations, visitor } from './support.js';

describeInBrowser('the search of movies', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: true }), launch()]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  async function cityPage(): Promise<Page> {
    const { city } = await findShow(app);
    const page = await visitor(browser, app);
    await page.goto('/');
    await page.getByRole('link', { name: city }).click();
    await page.getByRole('status').filter({ hasText: 'to choose from' }).waitFor();
    return page;
  }

  const field = (page: Page) => page.getByRole('searchbox', { name: 'Search title, person or genre' });
  const said = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const titles = (page: Page) => page.locator('.card-movie strong').allTextContents();

  it('finds while it is typed, says how many, and shows all again when it is emptied', async () => {
    const page = await cityPage();
    const all = await titles(page);
    await field(page).pressSequentially('matr');
    await said(page, /^\d movies? for “matr”/);
    const found = await titles(page);
    expect(found[0]).toBe('The Matrix');
    expect(found.length).toBeLessThan(all.length);
    expect(await violations(page)).toEqual([]);

    await field(page).fill('');
    await said(page, 'to choose from');
    expect(await titles(page)).toEqual(all);
    await page.context().close();
  });

  it('says what it takes a misspelt word for, and that nothing fits', async () => {
    const page = await cityPage();
    await field(page).fill('matirx');
    await said(page, 'Did you mean matrix?');
    expect((await titles(page))[0]).toBe('The Matrix');
    expect(await violations(page)).toEqual([]);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });

    await field(page).fill('qqqqzzzz');
    await said(page, 'No movie here matches “qqqqzzzz”');
    expect(await titles(page)).toEqual([]);
    await page.context().close();
  });

  it('asks once for what is typed in one go, and leads on to the movie and back', async () => {
    const page = await cityPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith('/search')) asked.push(searchParams.get('keyword') ?? '');
    });
    await field(page).pressSequentially('matrix');
    await said(page, '“matrix”');
    expect(asked.length).toBeLessThan('matrix'.length);
    expect(asked.at(-1)).toBe('matrix');
    await page
      .getByRole('link', { name: /^The Matrix / })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'The Matrix' }).waitFor();
    await page.goBack();
    await said(page, '“matrix”');
    expect(await field(page).inputValue()).toBe('matrix');
    await page.context().close();
  });
});
