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
    'has no accessibility violations, does not scroll sideways and sends requests only to the service ($name)',
    async (look) => {
      const { city, movie, showId } = await findShow(site.app);
      const page = await site.openPage({ ...look, reducedMotion: 'reduce' });
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).host));
      page.on('websocket', (socket) => hosts.add(new URL(socket.url()).host));
      const found: Record<string, string[]> = {};
      const checkPage = async (name: string): Promise<void> => {
        found[name] = await findViolations(page);
        const width = await page.locator('html').evaluate((html) => html.scrollWidth);
        if (width !== look.viewport.width) found[name].push(`the page is ${width} px wide and scrolls sideways`);
      };

      await page.goto('/');
      await page.getByRole('link', { name: city }).waitFor();
      await checkPage('cities');

      await page.getByRole('link', { name: city }).click();
      await page.getByRole('link', { name: movie }).first().waitFor();
      await checkPage('movies');

      await page.getByRole('link', { name: movie }).first().click();
      await page.locator('.showtime').first().waitFor();
      await checkPage('showtimes');

      await openShow(page, showId);
      const seats = await findFreeSeatsTogether(page, 2);
      await chooseSeats(page, seats);
      await checkPage('chosen seats');

      await holdChosenSeats(page);
      await checkPage('held seats');
      await page.getByRole('button', { name: 'Release these seats' }).click();
      await page.getByRole('heading', { name: 'Held for you' }).waitFor({ state: 'detached' });

      await page.goto('/nowhere');
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      await checkPage('not found');

      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
      // The data URL of an inline picture has no host.
      hosts.delete('');
      expect([...hosts]).toEqual([new URL(site.app.url).host]);
      await page.context().close();
    },
    90_000,
  );
});
