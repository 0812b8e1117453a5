import { describe, expect, it } from '@jest/globals';
import { ShowJoined } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { testOnShow } from '../../support/test-on-show.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();

describe('joining a show', () => {
  it('returns the whole seat map in the form that the contract defines', async () => {
    await testOnShow(app, 1, async (showId, socket) => {
      const joined = await socket.ask('show:join', { showId });
      expect(ShowJoined.parse(joined)).toEqual({ ...joined, ok: undefined });
      expect(joined).toMatchObject({ access: 'open', version: 0, seatCount: 100, bookings: [], queue: null });
    });
  });

  it('is refused with NOT_FOUND if the show does not exist', async () => {
    await testOnShow(app, 1, async (_, socket) => {
      expect(await socket.refused('show:join', { showId: 999_999 })).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    });
  });

  it('is limited to a hundred shows per socket, and leaving a show makes room for another', async () => {
    const socket = await TestSocket.connect(app.url);
    const showIds = await Promise.all(Array.from({ length: 101 }, () => makeShow(app.pool)));
    for (const showId of showIds.slice(0, 100)) await socket.ask('show:join', { showId });
    expect(await socket.refused('show:join', { showId: showIds[100] })).toMatchObject({ code: 'RATE_LIMITED' });
    await socket.ask('show:leave', { showId: showIds[0] });
    await socket.ask('show:join', { showId: showIds[100] });
    socket.close();
  });

  it('causes a message for every change to the seats until the client leaves the show', async () => {
    await testOnShow(app, 2, async (showId, buyer, viewer) => {
      await viewer.ask('show:join', { showId });
      await buyer.ask('reservation:create', { showId, seats: [4, 5] });
      expect(await viewer.next('seats:changed')).toEqual({ showId, from: 0, version: 1, held: [4, 5] });
      await viewer.ask('show:leave', { showId });
      await buyer.ask('reservation:create', { showId, seats: [6] });
      const { version } = await viewer.ask('show:sync', { showId, since: 0 });
      expect(version).toBe(2);
      expect(viewer.received.filter(({ event }) => event === 'seats:changed')).toEqual([]);
    });
  });

  it('causes a message with the version at least every five seconds', async () => {
    await testOnShow(app, 1, async (showId, socket) => {
      await socket.ask('show:join', { showId });
      for (let beat = 0; beat < 2; beat++) {
        const announced = await socket.next('show:version', (payload) => payload.showId === showId);
        const serverTime: unknown = expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/);
        expect(announced).toEqual({ showId, version: 0, termsVersion: 0, serverTime });
      }
    });
  });
});
