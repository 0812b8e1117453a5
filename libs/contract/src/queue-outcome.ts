import { z } from 'zod';
import { Booking } from './bookings.js';
import { Instant } from './primitives.js';
import { LineName, Queue, QueueExpiredReason } from './queue.js';

/**
 * What became of a session's wait.
 *
 * - `waiting`: it stands in line.
 * - `offered`: seats were held for it; `booking` has them.
 * - `admitted`: it was let into the show; `until` is the end of the stay, or null once the stay is over.
 * - `expired`: the wait ended, or the offer or the admission lapsed; `reason` says why.
 * - `calledOff`: the show was called off while it waited.
 * - `left`: the session left the line, or gave the offered seats back.
 * - `never`: the session never stood in a line of this show.
 */
export const QueueOutcomeType = z.enum(['waiting', 'offered', 'admitted', 'expired', 'calledOff', 'left', 'never']);
export type QueueOutcomeType = z.infer<typeof QueueOutcomeType>;

/** What became of a session's last wait for a show; kept as long as the show. */
export const QueueOutcome = z
  .object({
    type: QueueOutcomeType,
    line: LineName.nullable().meta({
      description: 'The line; null for `never`, and for a stay that began without a line',
    }),
    ticket: z.int().positive().nullable().meta({ description: 'The line ticket; null where `line` is' }),
    at: Instant.nullable().meta({ description: 'When it happened; null for `waiting` and `never`' }),
    reason: QueueExpiredReason.nullable().meta({ description: 'Why it `expired`; null for other types' }),
    booking: Booking.nullable().meta({ description: 'The seats that were `offered`, as the booking is now' }),
    until: Instant.nullable().meta({ description: 'The end of the stay of a session that was `admitted`' }),
  })
  .meta({ id: 'QueueOutcome' });
export type QueueOutcome = z.infer<typeof QueueOutcome>;

/** Answer to `GET …/queue?outcome=true`. */
export const QueueWithOutcome = z
  .object({ queue: Queue.nullable(), outcome: QueueOutcome })
  .meta({ id: 'QueueWithOutcome' });
export type QueueWithOutcome = z.infer<typeof QueueWithOutcome>;

/** Header of every answer to `GET …/queue`: a {@link QueueOutcomeType}. */
export const queueOutcomeHeader = 'Usher-Queue-Outcome';
