import type { FileApp } from './file-app.js';
import { makeShow, type ShowOptions } from './show.js';
import { TestSocket } from './socket.js';

/** Creates a show, runs a test with sockets of separate sessions, and closes the sockets. */
export async function testOnShow(
  app: FileApp,
  sockets: number,
  test: (showId: number, ...sockets: TestSocket[]) => Promise<void>,
  options: ShowOptions = {},
): Promise<void> {
  const showId = await makeShow(app.pool, options);
  const connected = await Promise.all(Array.from({ length: sockets }, () => TestSocket.connect(app.url)));
  try {
    await test(showId, ...connected);
  } finally {
    for (const socket of connected) socket.close();
  }
}
