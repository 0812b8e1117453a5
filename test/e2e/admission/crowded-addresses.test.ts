import { beforeAll, describe, expect, it } from '@jest/globals';
import { adminKey } from '../../support/api-keys.js';
import { passChallengeOnSocket, quickChallenges } from '../../support/challenges.js';
import { setUpApp } from '../../support/file-app.js';
import { sdkClients, waitForView } from '../../support/sdk.js';
import { setUpKeyPlaces } from '../../support/key-places.js';
import { forwardedFor } from '../../support/limited-app.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

/** Number of sockets that an address may have before its sessions are asked for the challenge. */
const free = 3;

const app = setUpApp({
  env: { ADMIN_API_KEY: adminKey, PROXIES: '1', SOCKETS_PER_ADDRESS_FREE: String(free), ...quickChallenges },
});
const places = setUpKeyPlaces(app);
let showId: number;

beforeAll(async () => {
  showId = await makeShow(app.pool);
});

const connectFrom = (address: string, auth: object = {}) => app.connect({ extraHeaders: forwardedFor(address), auth });

/** Opens sockets of an address until it has as many as it may have without the challenge. They all have the show open. */
async function crowd(address: string): Promise<TestSocket[]> {
  const sockets = await Promise.all(Array.from({ length: free }, () => connectFrom(address)));
  await Promise.all(sockets.map((socket) => socket.joinOpen(showId)));
  return sockets;
}

describe('an address with many open sockets', () => {
  it('must pass the challenge to open a show with a further socket', async () => {
    await crowd('192.0.2.1');
    const further = await connectFrom('192.0.2.1');
    expect(await further.refused('show:join', { showId })).toMatchObject({ code: 'CHALLENGE_REQUIRED', showId });
    await passChallengeOnSocket(further, showId);
    await further.joinOpen(showId);
    expect(await further.refused('show:join', { showId: 2_000_000 })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not slow down the viewers of other addresses', async () => {
    await crowd('192.0.2.2');
    expect(await (await connectFrom('192.0.2.3')).send('show:join', { showId })).toMatchObject({ ok: true });
  });

  it('gets its free sockets back when others close', async () => {
    const [first] = await crowd('192.0.2.4');
    const further = await connectFrom('192.0.2.4');
    expect(await further.refused('show:join', { showId })).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    first!.close();
    await waitUntil(async () => (await further.send('show:join', { showId })).ok);
  });

  it('may have further sockets with an API key, such as those of kiosks', async () => {
    await crowd('192.0.2.5');
    const { key } = await places.makeOwnKey({ roles: ['kiosk'] });
    const kiosk = await connectFrom('192.0.2.5', { apiKey: key });
    expect(await kiosk.send('show:join', { showId: places.own.showId })).toMatchObject({ ok: true });
  });

  it('loses the surplus sockets that open no show, and keeps the others', async () => {
    const sockets = await crowd('192.0.2.6');
    const idle = await connectFrom('192.0.2.6');
    await new Promise((resolve) => idle.io.once('disconnect', resolve));
    expect(sockets.every(({ io }) => io.connected)).toBe(true);
  }, 40_000);
});

describe('the SDK', () => {
  const makeClient = sdkClients(() => app.url);

  it('passes the challenge of a crowded address by itself', async () => {
    for (let count = 0; count < free; count++) await app.connect();
    const show = makeClient().openShow(showId);
    expect(await waitForView(show, ({ seats }) => seats.length > 0)).toMatchObject({ challenge: 'none' });
  });
});
