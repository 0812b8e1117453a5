import { describe, expect, it } from '@jest/globals';
import { makeKey } from '../../support/api-keys.js';
import { burst, forwardedFor, setUpLimitedApp } from '../../support/limited-app.js';

const { app, call, nextAddress } = setUpLimitedApp();

/** Sends calls until the address has no budget left. */
async function exhaust(address: string): Promise<void> {
  // Requests for pages count only for the address, so they can exhaust its whole budget.
  for (;;) {
    const calls = Array.from({ length: burst }, () => call({ path: '/nothing', headers: forwardedFor(address) }));
    const answers = await Promise.all(calls);
    if (answers.some(({ status }) => status === 429)) return;
  }
}

describe('a kiosk', () => {
  it('is served while other callers at its address are refused, and a partner is not', async () => {
    const address = nextAddress();
    const callWith = async ({ key }: { key: string }) =>
      (await call({ headers: { ...forwardedFor(address), 'x-api-key': key } })).status;
    const introduce = async ({ key }: { key: string }) => {
      // The service knows a key at an address after a call that needs the key.
      const headers = { ...forwardedFor(address), 'x-api-key': key };
      await call({ path: '/v1/bookings?code=AAA-AAAA', headers });
    };
    const kiosk = await makeKey(app.url, { roles: ['kiosk'] });
    const partner = await makeKey(app.url, { roles: ['partner'] });
    for (const key of [kiosk, partner]) await introduce(key);
    await exhaust(address);
    expect([await callWith(kiosk), await callWith(partner)]).toEqual([200, 429]);
  });

  it('has a budget of its own, which all of its calls use up', async () => {
    const address = nextAddress();
    const kiosk = await makeKey(app.url, { roles: ['kiosk'] });
    const headers = { ...forwardedFor(address), 'x-api-key': kiosk.key };
    await call({ path: '/v1/bookings?code=AAA-AAAA', headers });
    const answers = await Promise.all(Array.from({ length: 3 * burst }, () => call({ headers })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(429);
    expect((await call({ headers: forwardedFor(address) })).status).toBe(200);
  });
});
