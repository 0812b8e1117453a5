import { describe, expect, it } from '@jest/globals';
import { setUpApp } from '../../support/file-app.js';
import { testOnShow } from '../../support/test-on-show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();

describe('a session', () => {
  it('is the first message to a socket that connects without a token', async () => {
    const socket = await TestSocket.connect(app.url);
    const session = await socket.session();
    expect(session).toEqual({
      sessionId: expect.any(String),
      token: expect.any(String),
      expiresAt: expect.any(String),
    });
    socket.close();
  });

  it('is the same for every socket that sends its token', async () => {
    await testOnShow(app, 1, async (showId, first) => {
      const { token } = await first.session();
      const { booking } = await first.ask('reservation:create', { showId, seats: [1] });
      const second = await TestSocket.connect(app.url, { auth: { token } });
      const joined = await second.ask('show:join', { showId });
      expect(joined).toMatchObject({ access: 'open', bookings: [{ bookingId: booking.bookingId }] });
      second.close();
    });
  });

  it('is refused when its token was not signed by this service', async () => {
    await expect(
      TestSocket.connect(app.url, { auth: { token: 'forged.token.here' }, reconnection: false }),
    ).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED', status: 401 } });
  });
});
