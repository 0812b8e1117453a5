import { expect, it } from '@jest/globals';
import { tablesWith } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { createTokenStorage, sdkClients, waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp();
const createClient = sdkClients(() => app.url);

it('the client exports and erases the data of its session, and continues with a new session', async () => {
  const showId = await makeShow(app.pool, { waitingRoom: { mode: 'auto', maxShoppers: 5 } });
  const storage = createTokenStorage('');
  const usher = createClient({ storage });
  const show = usher.openShow(showId);
  await show.reserve({ seats: [3] });
  const before = await usher.session();
  const { sessionId, bookings, stays } = await usher.sessionData.export();
  expect(sessionId).toBe(before.sessionId);
  expect(bookings).toMatchObject([{ showId, status: 'reserved', seats: [3] }]);
  expect(stays).toMatchObject([{ showId, isInside: true }]);

  const { session } = await usher.sessionData.erase();
  expect(await usher.session()).toEqual({ sessionId: session.sessionId, token: session.token });
  expect(storage.token).toBe(session.token);
  await waitForView(show, ({ connection, bookings: mine, seats }) => {
    return connection === 'live' && mine.length === 0 && seats[3] === 0;
  });
  expect(await tablesWith(app.pool, [sessionId])).toEqual([]);
  // The store of the show works with the new session.
  expect(await show.reserve({ seats: [4] })).toMatchObject({ sessionId: session.sessionId });
});
