import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { burst, forwardedFor, setUpLimitedApp } from '../../support/limited-app.js';
import { readRefusalCode, TestSocket } from '../../support/socket.js';

const { app, nextAddress, beginSession } = setUpLimitedApp();

describe('the limits of handshakes', () => {
  const socketUrl = () => `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;

  /** Opens a WebSocket without Socket.IO's client. Returns whether the server accepted or refused the connection. */
  async function openConnection(address: string): Promise<'open' | 'refused'> {
    const socket = new WebSocket(socketUrl(), { headers: forwardedFor(address) });
    const { promise, resolve } = Promise.withResolvers<'open' | 'refused'>();
    socket.once('open', () => resolve('open'));
    socket.once('error', () => resolve('refused'));
    const result = await promise;
    socket.terminate();
    return result;
  }

  it('reject handshakes from one address once its larger budget is used up', async () => {
    const address = nextAddress();
    const results = await Promise.all(Array.from({ length: 130 }, () => openConnection(address)));
    expect(results.filter((result) => result === 'open')).toHaveLength(100);
    expect(await openConnection(nextAddress())).toBe('open');
  });

  it('reject handshakes of one session once its budget is used up, even if they come from many addresses', async () => {
    const { session: own } = await beginSession(nextAddress());
    const connect = async (index: number) => {
      const options = {
        auth: { token: own.token },
        extraHeaders: forwardedFor(`198.18.0.${index}`),
        reconnection: false,
      };
      try {
        (await TestSocket.connect(app.url, options)).close();
        return 'ok';
      } catch (error) {
        return readRefusalCode(error);
      }
    };
    const results = await Promise.all(Array.from({ length: burst + 10 }, (_, index) => connect(index)));
    expect(results.filter((result) => result === 'RATE_LIMITED')).toHaveLength(10);
  });

  it('count every handshake, even if all use the same connection', async () => {
    const socket = new WebSocket(socketUrl(), { headers: forwardedFor(nextAddress()) });
    const refusals: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('44')) refusals.push(text);
      if (text.includes('RATE_LIMITED')) resolve();
      // A refused handshake leaves the connection open, so the client can try again on it.
      else socket.send('40{"token":"no token"}');
    });
    await promise;
    socket.terminate();
    expect(refusals.length).toBeGreaterThanOrEqual(burst + 2);
    expect(refusals[0]).toContain('UNAUTHENTICATED');
  });
});
