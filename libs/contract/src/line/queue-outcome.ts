import { z } from 'zod';
import { Booking } from '../seats/bookings.js';
import { Instant } from '../values/times.js';
import { QueueExpiredReason } from './queue-events.js';
import { LineName, Queue } from './queue.js';

/**
 * The state or the result of a session's wait.
 *
 * - `waiting`: the session stands in the line.
 * - `offered`: the service holds seats for the session. `booking` contains them.
 * - `admitted`: the session may enter the show. `until` is the end of its stay, or null once the stay is over.
 * - `expired`: the wait, the offer or the admission expired. `reason` says why.
 * - `calledOff`: the show was called off while the session waited.
 * - `left`: the session left the line or released the offered seats.
 * - `never`: the session never stood in a line of this show.
 */
export const QueueOutcomeType = z.enum(['waiting', 'offered', 'admitted', 'expired', 'calledOff', 'left', 'never']);
export type QueueOutcomeType = z.infer<typeof QueueOutcomeType>;

/** The outcome of a session's last wait for a show. The service keeps the outcome for as long as it keeps the show. */
export const QueueOutcome = z
  .object({
    type: QueueOutcomeType,
    line: LineName.nullable().meta({
      description: 'The line; null for `never`, and for a stay that began without a line',
    }),
    ticket: z.int().positive().nullable().meta({ description: 'The line ticket; null if `line` is null' }),
    at: Instant.nullable().meta({ description: 'When the outcome occurred; null for `waiting` and `never`' }),
    reason: QueueExpiredReason.nullable().meta({ description: 'Why the wait `expired`; null for other types' }),
    booking: Booking.nullable().meta({
      description: 'The current state of the booking that was `offered`; null for other types',
    }),
    until: Instant.nullable().meta({ description: 'The end of the stay of a session that was `admitted`' }),
  })
  .meta({ id: 'QueueOutcome' });
export type QueueOutcome = z.infer<typeof QueueOutcome>;

/** Answer to `GET …/queue?outcome=true`: the place in line (or null) and the outcome of the wait. */
export const QueueWithOutcome = z
  .object({ queue: Queue.nullable(), outcome: QueueOutcome })
  .meta({ id: 'QueueWithOutcome' });
export type QueueWithOutcome = z.infer<typeof QueueWithOutcome>;

/** Header of every answer to `GET …/queue`. Its value is a {@link QueueOutcomeType}. */
export const queueOutcomeHeader = 'Usher-Queue-Outcome';
