import { afterAll, beforeAll, expect, it } from '@jest/globals';
import getPort from 'get-port';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { TestIdentityProvider } from '../../support/identity-provider.js';
import { OperatorBrowser } from '../../support/operator-browser.js';

const provider = new TestIdentityProvider();
let port = 0;

beforeAll(async () => {
  port = await getPort({ host: '127.0.0.1' });
  await provider.reservePort();
});
afterAll(() => provider.stop());

const app = setUpApp({
  env: () => ({
    ADMIN_API_KEY: adminKey,
    PORT: String(port),
    ...provider.settings(`http://127.0.0.1:${port}`),
  }),
});

it('a service whose identity provider is down serves API keys and says why nobody can sign in', async () => {
  const browser = new OperatorBrowser(app.url);
  const answer = await browser.call('/v1/operators/sign-in');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(JSON.parse(answer.text)).toMatchObject({ code: 'SIGN_IN_UNAVAILABLE', retryAfterMs: 5000 });
  const byKey = await fetch(`${app.url}/v1/admin/mails`, { headers: { 'x-api-key': adminKey } });
  expect(byKey.status).toBe(200);
  expect(await browser.status()).toEqual({ canSignIn: true, operator: null });
});

it('people can sign in as soon as the provider runs, and stay signed in while it is down again', async () => {
  provider.add('ada', { usher_roles: ['admin'], usher_cinemas: '*' });
  await provider.start([app.url]);
  const browser = new OperatorBrowser(app.url);
  expect((await browser.signIn('ada')).status).toBe(200);
  const form = await new OperatorBrowser(app.url).open(`${app.url}/v1/operators/sign-in`);
  expect(form.status).toBe(200);
  await provider.stop();
  expect((await browser.call('/v1/admin/mails')).status).toBe(200);
  expect((await browser.call('/v1/operators/sign-out', { method: 'POST' })).status).toBe(200);
  expect((await browser.call('/v1/admin/mails')).status).toBe(401);
});

it('a provider that goes down during a sign-in is reported as such', async () => {
  await provider.start([app.url]);
  const browser = new OperatorBrowser(app.url);
  const form = await browser.open(`${app.url}/v1/operators/sign-in`);
  const answer = await browser.confirm(form, 'ada');
  await provider.stop();
  const refused = await browser.open(answer);
  expect(JSON.parse(refused.text)).toMatchObject({ status: 503, code: 'SIGN_IN_UNAVAILABLE' });
});
