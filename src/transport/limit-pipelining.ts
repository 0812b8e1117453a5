import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Socket } from 'node:net';

/**
 * Maximum number of requests on one connection that have no answer yet. Browsers and proxies send the next request after
 * the answer, so they have one.
 */
const unansweredMax = 100;

/**
 * Ends the connection of a client that sends many requests without waiting for the answers (HTTP pipelining). Node reads
 * such requests faster than it can answer them, even with 429. Eight connections filled 1.6 GB in ten seconds.
 */
export function limitPipelining(app: NestExpressApplication): void {
  const unanswered = new WeakMap<Socket, number>();
  const add = (socket: Socket, change: 1 | -1): number => {
    const count = (unanswered.get(socket) ?? 0) + change;
    unanswered.set(socket, count);
    return count;
  };
  app.use(({ socket }: Request, response: Response, next: NextFunction) => {
    // Node still reports the requests that arrived in the same packets.
    if (socket.destroyed) return;
    response.once('close', () => add(socket, -1));
    if (add(socket, 1) > unansweredMax) socket.destroy();
    else next();
  });
}
