import type { Booking, ReserveBody } from '@usher/contract';
import type { Connection } from '../connection/connection.js';
import { toUsherError } from '../common/errors.js';
import { randomKey } from '../common/idempotency-key.js';

/** What {@link Requests} needs of the client. */
export interface RequestSurroundings {
  readonly connection: Connection;
  /** For one request with all its attempts. */
  readonly requestTimeoutMs: number;
  /** The booking's present state over REST; rejects when it is not this session's. */
  readBooking(bookingId: string): Promise<Booking>;
}

/** What a show's store asks for, each once in effect however often it has to be sent. */
export class Requests {
  constructor(
    private readonly showId: number,
    private readonly around: RequestSurroundings,
  ) {}

  /** See {@link ShowStore.reserve}. */
  async reserve(wish: ReserveBody, key: string = randomKey()): Promise<Booking> {
    const { connection, requestTimeoutMs } = this.around;
    const payload = { ...wish, showId: this.showId, key };
    const answer = await connection.ask(
      (socket) => socket.emitWithAck('reservation:create', payload),
      requestTimeoutMs,
    );
    return answer.booking;
  }

  /** See {@link ShowStore.release}. */
  async release(bookingId: string): Promise<Booking> {
    const { connection, requestTimeoutMs } = this.around;
    let sent = 0;
    try {
      const answer = await connection.ask((socket) => {
        sent++;
        return socket.emitWithAck('reservation:release', { bookingId });
      }, requestTimeoutMs);
      return answer.booking;
    } catch (thrown) {
      const error = toUsherError(thrown);
      // Sent twice, the first may have done it and its answer got lost.
      const mayBeOurs = sent > 1 && error.body?.code === 'BOOKING_STATE' && error.body.bookingStatus === 'released';
      if (mayBeOurs) return this.around.readBooking(bookingId);
      throw error;
    }
  }
}
