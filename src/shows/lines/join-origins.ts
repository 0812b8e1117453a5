import { Injectable } from '@nestjs/common';

/** Which socket of a session is about to join a line: it is answered, and need not be notified as well. */
@Injectable()
export class JoinOrigins {
  private readonly sockets = new Map<string, string>();

  /** Runs a call of a socket that may join a line. */
  async during<T>(showId: number, sessionId: string, socketId: string, call: () => Promise<T>): Promise<T> {
    const name = nameOf(showId, sessionId);
    this.sockets.set(name, socketId);
    try {
      return await call();
    } finally {
      // Two sockets of a session may join at once: the later one's entry is its own to remove.
      if (this.sockets.get(name) === socketId) this.sockets.delete(name);
    }
  }

  get(showId: number, sessionId: string): string | null {
    return this.sockets.get(nameOf(showId, sessionId)) ?? null;
  }
}

const nameOf = (showId: number, sessionId: string): string => `${showId} ${sessionId}`;
