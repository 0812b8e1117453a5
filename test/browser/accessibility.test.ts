import { expect, it } from '@jest/globals';
import {
  chooseSeats,
  describeInBrowser,
  setUpSite,
  findShow,
  findFreeSeatsTogether,
  holdChosenSeats,
  openShow,
  findViolations,
} from './support.js';

describeInBrowser('every page', () => {
  const site = setUpSite({ demo: true });

  const looks = [
    { name: 'light, desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { name: 'dark, telephone', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
    { name: 'dark, kiosk', colorScheme: 'dark', viewport: { width: 1080, height: 1920 } },
  ] as const;

  it.each(looks)(
    'has no accessibility violations, $name',
    async (look) => {
      const { city, movie, showId } = await findShow(site.app);
      const page = await site.openPage({ ...look, reducedMotion: 'reduce' });
      const found: Record<string, string[]> = {};

      await page.goto('/');
      await page.getByRole('link', { name: city }).waitFor();
      found['cities'] = await findViolations(page);

      await page.getByRole('link', { name: city }).click();
      await page.getByRole('link', { name: movie }).first().waitFor();
      found['movies'] = await findViolations(page);

      await page.getByRole('link', { name: movie }).first().click();
      await page.locator('.showtime').first().waitFor();
      found['showtimes'] = await findViolations(page);

      await openShow(page, showId);
      const seats = await findFreeSeatsTogether(page, 2);
      await chooseSeats(page, seats);
      found['chosen seats'] = await findViolations(page);

      await holdChosenSeats(page);
      found['held seats'] = await findViolations(page);
      await page.getByRole('button', { name: 'Release these seats' }).click();
      await page.getByRole('heading', { name: 'Held for you' }).waitFor({ state: 'detached' });

      await page.goto('/nowhere');
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      found['not found'] = await findViolations(page);

      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
      await page.context().close();
    },
    90_000,
  );

  it('sends requests only to the service itself', async () => {
    const { showId } = await findShow(site.app);
    const page = await site.openPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    page.on('websocket', (socket) => hosts.add(new URL(socket.url()).host));
    await page.goto('/');
    await page.getByRole('link').nth(2).waitFor();
    await openShow(page, showId);
    // The data URL of an inline picture has no host.
    hosts.delete('');
    expect([...hosts]).toEqual([new URL(site.app.url).host]);
    await page.context().close();
  });

  it('does not scroll sideways on a narrow screen', async () => {
    const { showId } = await findShow(site.app);
    const page = await site.openPage({ viewport: { width: 320, height: 640 } });
    for (const path of ['/', '/cities/1', `/shows/${showId}`]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.loading').waitFor({ state: 'detached' });
      expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(320);
    }
    await page.context().close();
  });
});
