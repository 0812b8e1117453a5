import type { Booking, ReserveBody } from '@usher/contract';
import type { ChallengeGate } from '../challenge/challenge-gate.js';
import { toUsherError } from '../common/errors.js';
import { createIdempotencyKey } from '../common/idempotency-key.js';
import type { Connection } from '../connection/connection.js';

/** The parts of the client that {@link ReservationRequests} uses. */
export interface ReservationContext {
  readonly connection: Connection;
  readonly challenges: ChallengeGate;
  /** Time limit for one request including all its attempts, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Reads a booking over REST. Rejects if the booking does not belong to this session. */
  readBooking(bookingId: string): Promise<Booking>;
}

/**
 * Sends one show's reserve and release requests. Each request takes effect only once, even if it is sent several times.
 */
export class ReservationRequests {
  constructor(
    private readonly showId: number,
    private readonly context: ReservationContext,
  ) {}

  /** See {@link ShowStore.reserve}. */
  async reserve(body: ReserveBody, key: string = createIdempotencyKey()): Promise<Booking> {
    const { connection, challenges, requestTimeoutMs } = this.context;
    const payload = { ...body, showId: this.showId, key };
    const answer = await challenges.run(this.showId, () =>
      connection.sendUntilAnswered((socket) => socket.emitWithAck('reservation:create', payload), requestTimeoutMs),
    );
    return answer.booking;
  }

  /** See {@link ShowStore.release}. */
  async release(bookingId: string): Promise<Booking> {
    const { connection, requestTimeoutMs } = this.context;
    let sentCount = 0;
    try {
      const answer = await connection.sendUntilAnswered((socket) => {
        sentCount++;
        return socket.emitWithAck('reservation:release', { bookingId });
      }, requestTimeoutMs);
      return answer.booking;
    } catch (thrown) {
      const error = toUsherError(thrown);
      // An earlier attempt may have released the booking, although its answer was lost.
      const mayBeDone =
        sentCount > 1 && error.body?.code === 'BOOKING_STATE' && error.body.bookingStatus === 'released';
      if (mayBeDone) return this.context.readBooking(bookingId);
      throw error;
    }
  }
}
