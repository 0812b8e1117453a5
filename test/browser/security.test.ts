import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { adminKey } from '../support/api-keys.js';
import { portOf } from '../support/port-of.js';
import { describeInBrowser, findShow, openVisitorPage, setUpSite, takePolicyViolations } from './support.js';

describeInBrowser('the security policy of a page', () => {
  const site = setUpSite({ env: { ADMIN_API_KEY: adminKey } });
  let otherSite: Server;
  let otherUrl: string;
  let embeddable: TestApp;

  beforeAll(async () => {
    otherSite = createServer((request, response) => {
      const target = new URL(request.url ?? '/', 'http://localhost').searchParams.get('page');
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><iframe src="${target}"></iframe>`);
    }).listen(0, '127.0.0.1');
    await once(otherSite, 'listening');
    otherUrl = `http://127.0.0.1:${portOf(otherSite)}`;
    embeddable = await startApp({ env: { FRAME_ANCESTORS: otherUrl } });
  }, 60_000);

  afterAll(async () => {
    otherSite?.close();
    await embeddable?.close();
  });

  it('stops scripts that an attacker injected into the page', async () => {
    const page = await site.openPage();
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const ran = await page.evaluate(`(async () => {
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.injected = true';
      const button = document.createElement('button');
      button.setAttribute('onclick', 'globalThis.injected = true');
      const remote = document.createElement('script');
      remote.src = 'data:text/javascript,globalThis.injected = true';
      const isBlocked = new Promise((resolve) => remote.addEventListener('error', resolve));
      document.body.append(inline, button, remote);
      button.click();
      await isBlocked;
      return 'injected' in globalThis;
    })()`);
    expect(ran).toBe(false);
    expect(takePolicyViolations()).toHaveLength(3);
  });

  it('stops another site from showing the page in a frame, unless FRAME_ANCESTORS names the site', async () => {
    const page = await site.openPage();
    const { showId } = await findShow(site.app);
    const refusal = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(`${otherUrl}/?page=${encodeURIComponent(`${site.app.url}/shows/${showId}`)}`);
    await refusal;
    expect(takePolicyViolations()).toHaveLength(1);

    const embedded = await openVisitorPage(page.context().browser()!, embeddable);
    const { showId: openShowId } = await findShow(embeddable);
    await embedded.goto(`${otherUrl}/?page=${encodeURIComponent(`${embeddable.url}/shows/${openShowId}`)}`);
    await embedded.frameLocator('iframe').getByRole('grid').waitFor();
  });

  it('lets the description of the API work, and the page forgets the key that a person enters', async () => {
    const page = await site.openPage();
    await page.goto('/docs');
    await page.getByRole('button', { name: 'Authorize' }).click();
    const dialog = page.locator('.modal-ux');
    await dialog.locator('#api_key_value').fill(adminKey);
    await dialog.getByRole('button', { name: 'Apply credentials' }).first().click();
    await dialog.getByRole('button', { name: 'Remove authorization' }).first().waitFor();
    const stored = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    expect(stored).not.toContain(adminKey);
    await page.reload();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await dialog.getByRole('textbox').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Remove authorization' }).count()).toBe(0);
  });

  it('lets the description of the socket events look as designed', async () => {
    const page = await site.openPage();
    await page.goto('/docs/events');
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('960px');
  });
});
