import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { setUpApp } from '../../support/file-app.js';
import { Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({});
const publicApp = setUpApp({ env: { PUBLIC_URL: 'https://tickets.example' } });

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Sends a request with this `Host`. `fetch` would not send a forged one. */
async function call(url: string, host: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(url, { method, headers: { ...headers, host }, agent: false }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
  });
  sent.on('error', reject).end();
  return promise;
}

/** Starts a payment for a new hold. */
async function startPayment(on: typeof app, host: string): Promise<Answer> {
  const payer = new Payer(await RestCaller.begin(on.url));
  const { bookingId } = await payer.hold(await makeShow(on.pool), [0]);
  const authorization = `Bearer ${payer.caller.session.token}`;
  return call(`${on.url}/v1/bookings/${bookingId}/payments`, host, { authorization }, 'POST');
}

const portOf = (url: string) => new URL(url).port;

describe('the header Host', () => {
  const forged = ['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1@evil.example'];

  it.each(forged)('does not choose where a pay page or a SOAP client goes: %p', async (host) => {
    for (const answer of [await startPayment(app, host), await call(`${app.url}/soap?wsdl`, host)]) {
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'INVALID_REQUEST',
        detail: expect.stringContaining('PUBLIC_URL'),
      });
      expect(answer.body).not.toContain('evil');
    }
  });

  it('may be each name of the address at which the connection arrived', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
      const host = `${name}:${portOf(app.url)}`;
      const { status, body } = await startPayment(app, host);
      expect(status).toBe(201);
      expect(JSON.parse(body).redirectUrl).toMatch(new RegExp(`^http://${host.toLowerCase()}/sandbox/pay/`));
      expect((await call(`${app.url}/soap?wsdl`, host)).body).toContain(`"http://${host.toLowerCase()}/soap"`);
    }
  });

  it.each(forged)('does not matter with PUBLIC_URL: %p', async (host) => {
    const { status, body } = await startPayment(publicApp, host);
    expect([status, new URL(JSON.parse(body).redirectUrl).origin]).toEqual([201, 'https://tickets.example']);
    const description = await call(`${publicApp.url}/soap?wsdl`, host);
    expect([description.status, description.body]).toEqual([
      200,
      expect.stringContaining('"https://tickets.example/soap"'),
    ]);
  });
});
