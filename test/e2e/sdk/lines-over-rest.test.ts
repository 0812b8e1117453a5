import { describe, expect, it } from '@jest/globals';

import { setUpSdkLines } from '../../support/sdk-lines.js';

const { app, createClient, createFullShow } = setUpSdkLines();

describe('the lines over REST in the SDK', () => {
  it('can be joined, polled for a change, and left', async () => {
    const { showId } = await createFullShow();
    const [ada, ben] = [createClient().lines, createClient().lines];
    await ada.join(showId, { partySize: 2 });
    const place = await ben.join(showId, { partySize: 2 });
    expect(place).toMatchObject({ line: 'seats', ticket: 2, ahead: 1 });
    const poll = ben.read(showId, { wait: 25, ...(place.ahead !== null && { ahead: place.ahead }) });
    await ada.leave(showId);
    expect(await poll).toMatchObject({ ticket: 2, ahead: 0 });
    expect(await ada.read(showId)).toBeNull();
    await ben.leave(showId);
    expect(await ben.read(showId, { wait: 25 })).toBeNull();
  });

  it('stop a long poll when the caller aborts it', async () => {
    const { showId } = await createFullShow();
    const { lines } = createClient();
    const { ahead } = await lines.join(showId, { partySize: 2 });
    const abortPoll = new AbortController();
    const poll = lines.read(showId, { wait: 25, ...(ahead !== null && { ahead }), signal: abortPoll.signal });
    abortPoll.abort();
    await expect(poll).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('begin a new session if the stored token is invalid', async () => {
    const { showId } = await createFullShow();
    const storedTokens: string[] = [];
    const storage = { get: () => 'a token of long ago', set: (token: string) => void storedTokens.push(token) };
    const usher = createClient({ storage });
    expect(await usher.lines.join(showId, { partySize: 1 })).toMatchObject({ ticket: 1 });
    expect(storedTokens).toEqual(['', (await usher.session()).token]);
  });

  it('register and remove the push subscription of a browser', async () => {
    const { push } = createClient();
    expect(await push.key()).toMatch(/^[\w-]{87}$/);
    const keys = {
      p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
      auth: 'tBHItJI5svbpez7KI4CCXg',
    };
    const subscription = { endpoint: 'https://push.example.com/a', expirationTime: null, keys };
    const countSubscriptions = async () =>
      (await app.pool.query<{ n: number }>('select count(*)::int as n from push_subscription')).rows[0]!.n;
    await push.subscribe(subscription);
    expect(await countSubscriptions()).toBe(1);
    await push.unsubscribe(subscription);
    expect(await countSubscriptions()).toBe(0);
  });
});
