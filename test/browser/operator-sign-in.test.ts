import { afterAll, beforeAll, expect, it } from '@jest/globals';
import getPort from 'get-port';
import type pg from 'pg';
import type { Browser } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { book } from '../support/book-seats.js';
import { testPool } from '../support/database.js';
import { TestIdentityProvider } from '../support/identity-provider.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { fetchTicketsOf } from '../support/tickets.js';
import { describeInBrowser, findViolations, launchBrowser, openVisitorPage } from './support.js';

describeInBrowser('the gate page of a service with an identity provider', () => {
  // For the browser, the provider is another site, as in an installation.
  const provider = new TestIdentityProvider('localhost');
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;

  beforeAll(async () => {
    const port = await getPort({ host: '127.0.0.1' });
    const publicUrl = `http://127.0.0.1:${port}`;
    await provider.start([publicUrl]);
    provider.add('gus', { name: 'Gus Gate', usher_roles: ['gate'], usher_cinemas: '*' });
    app = await startApp({ demo: false, env: { PORT: String(port), ...provider.settings(publicUrl) } });
    pool = testPool(app.databaseUrl, 3);
    browser = await launchBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
    await provider.stop();
  });

  it('lets a person sign in on a phone, admit a ticket without a key, and sign out', async () => {
    const showId = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const buyer = await RestCaller.begin(app.url);
    const [ticket] = await fetchTicketsOf(buyer, (await book(pool, buyer, showId, [0])).bookingId);
    const page = await openVisitorPage(browser, app, { viewport: { width: 360, height: 740 }, isMobile: true });
    await page.goto('/gate');
    await page.getByLabel('Gate key').waitFor();
    const signIn = page.getByRole('link', { name: 'Sign in' });
    await signIn.waitFor();
    expect(await findViolations(page)).toEqual([]);

    await signIn.click();
    await page.getByPlaceholder('Enter any login').fill('gus');
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${app.url}/gate`);
    await page.getByText('Signed in as Gus Gate').waitFor();
    expect(await page.getByLabel('Gate key').count()).toBe(0);
    expect(await findViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await page.evaluate('document.cookie')).toBe('');

    await page.getByLabel('Show number').fill(String(showId));
    await page.keyboard.press('Enter');
    await page.getByText(/of 1 ticket admitted, list from/).waitFor();
    await page.getByRole('textbox', { name: /code/i }).fill(ticket!.code);
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Answer' })
      .filter({ hasText: /Come in/ })
      .waitFor();
    await page.getByText('Signed in as Gus Gate').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    // The identity provider asks whether its own session should end too.
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(`${app.url}/gate`);
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Gate key').waitFor();
    const { rows } = await pool.query('select from operator_session');
    expect(rows).toEqual([]);
  });

  it('tells a person whose account has no role what is missing', async () => {
    const page = await openVisitorPage(browser, app);
    await page.goto('/v1/operators/sign-in');
    await page.getByPlaceholder('Enter any login').fill('nobody');
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'The sign-in failed' }).waitFor();
    await page.getByText('This account has no role in this service.').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to the gate' }).click();
    await page.getByLabel('Gate key').waitFor();
  });
});
