import { z } from 'zod';
import { Id } from '../values/ids.js';
import { Instant } from '../values/times.js';
import { LastLinePlace, LineName, LinePlace, LineVersion } from './queue.js';

/** A range of seconds that the server derived from the measured pace of the line. */
export const SecondsRange = z.object({ from: z.number().nonnegative(), to: z.number().nonnegative() });
export type SecondsRange = z.infer<typeof SecondsRange>;

/**
 * Payload of `queue:moved`. The server sends at most one per line and tick. Nobody with a place below `head` is waiting
 * any more. `left` lists the places from `head` upwards whose parties have left the line since version `from`. `from`
 * is the version of the previous message.
 *
 * A client at place P keeps `ahead` exact by counting. It knows `ahead`, `waiting` and `lastPlace` of an earlier
 * version. Since that version, `waiting − waiting′ + lastPlace′ − lastPlace` parties have gone, where ′ marks the
 * values of this message. Of these parties, those with a place in `left` above P were behind the client. All others
 * were ahead of the client.
 *
 * If `from` is higher than the version that the client knows, the client has missed a message, so it sends
 * `queue:status`. The client ignores a message whose `version` is not higher than the version that it knows. After an
 * answer to `queue:join`, the next message can have a `from` below the version that the client knows. Even then, `left`
 * contains no party that had already gone when the client's `ahead` was counted.
 */
export const QueueMoved = z
  .object({
    showId: Id,
    line: LineName,
    version: LineVersion,
    head: LinePlace,
    left: z.array(LinePlace),
    waiting: z.int().nonnegative().meta({ description: 'Number of waiting parties in the line' }),
    etaSecondsPerPlace: SecondsRange.nullable().meta({
      description:
        'A party with `ahead` parties before it waits between `ahead × from` and `(ahead + 2) × to` seconds; null if the pace ' +
        'of the line is unknown',
    }),
    from: LineVersion,
    lastPlace: LastLinePlace,
    reach: z.object({ likely: z.int().nonnegative(), unlikely: z.int().nonnegative() }).meta({
      description:
        'The chance of a party is `likely` if `ahead` is less than `reach.likely`. Otherwise it is `unlikely` if `ahead` is less ' +
        'than `reach.unlikely`, and `none` if not',
    }),
  })
  .meta({ id: 'QueueMoved' });
export type QueueMoved = z.infer<typeof QueueMoved>;

/** Payload of `queue:admitted`. The client should join the show now. Its stay in the show ends at `until`. */
export const QueueAdmitted = z.object({ showId: Id, until: Instant }).meta({ id: 'QueueAdmitted' });
export type QueueAdmitted = z.infer<typeof QueueAdmitted>;

/**
 * The reason why the server removed a session from a line.
 *
 * - `maxWait`: the session reached the maximum wait.
 * - `offerLapsed`: the session did not use an offer or an admission in time.
 * - `saleClosed`: the sale of the show is over.
 * - `cannotBeServed`: the show has fewer unsold seats than the party needs.
 */
export const QueueExpiredReason = z.enum(['maxWait', 'offerLapsed', 'saleClosed', 'cannotBeServed']);
export type QueueExpiredReason = z.infer<typeof QueueExpiredReason>;

/**
 * Payload of `queue:left`: the session left the line, over one of its sockets or over REST. Each socket of the session
 * receives the event. A client that has meanwhile joined the line again, with a higher line ticket, ignores the event.
 */
export const QueueLeft = z.object({ showId: Id, line: LineName, ticket: z.int().positive() }).meta({ id: 'QueueLeft' });
export type QueueLeft = z.infer<typeof QueueLeft>;

/**
 * Payload of `queue:expired`: the server removed the session from the line. If the session has meanwhile joined the
 * line again, the server does not send this event for the older line ticket.
 */
export const QueueExpired = z
  .object({ showId: Id, line: LineName, reason: QueueExpiredReason })
  .meta({ id: 'QueueExpired' });
export type QueueExpired = z.infer<typeof QueueExpired>;
