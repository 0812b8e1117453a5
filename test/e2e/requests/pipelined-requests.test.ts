import { connect } from 'node:net';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { setUpRawApi } from '../../support/raw-api.js';

const api = setUpRawApi();

/** Sends requests over one connection without waiting for answers. @returns the number of answers until it closes */
async function pipeline(requests: number): Promise<number> {
  const { hostname, port } = new URL(api.app.url);
  const connection = connect(Number(port), hostname);
  let answers = '';
  connection.setEncoding('latin1').on('data', (text: string) => (answers += text));
  const request = 'GET /robots.txt HTTP/1.1\r\nHost: usher\r\n\r\n';
  connection.write(request.repeat(requests - 1) + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  // A connection that the service ends with unread requests is reset.
  await finished(connection, { signal: AbortSignal.timeout(20_000) }).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
  });
  return answers.match(/^HTTP\/1\.1 200/gm)?.length ?? 0;
}

describe('requests that a client sends over one connection before it has read the answers', () => {
  it('are all answered if they are few', async () => {
    expect(await pipeline(50)).toBe(50);
  });

  it('lose their connection if they are many, so that they do not fill the memory', async () => {
    expect(await pipeline(3000)).toBeLessThan(200);
    expect((await api.call({ path: '/robots.txt' })).status).toBe(200);
  });
});
