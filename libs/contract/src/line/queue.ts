import { z } from 'zod';
import { SeatKind, Tier } from '../layouts/layout.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { IdempotencyKey } from '../values/idempotency.js';
import { Id, IdParam } from '../values/ids.js';
import { Instant } from '../values/times.js';
import { Version } from '../values/versions.js';

/**
 * The two lines of a show. In `seats`, parties wait for seats to be given back. In `entry`, they wait to enter a busy
 * show.
 */
export const LineName = z.enum(['seats', 'entry']);
export type LineName = z.infer<typeof LineName>;

/** The estimated chance that a waiting party gets some of the seats that are left. */
export const Chance = z.enum(['likely', 'unlikely', 'none']);
export type Chance = z.infer<typeof Chance>;

/** A place in a line. */
export const LinePlace = z
  .int()
  .positive()
  .meta({ description: 'The place in the line. Lower places are served first' });

/** A line's version. */
export const LineVersion = Version.meta({
  description: "The line's version: the number of events in the line so far",
});

/** The highest place of a line. */
export const LastLinePlace = z.int().nonnegative().meta({ description: 'The highest place given out so far' });

/** A session's place in one of a show's lines, with the estimated wait. */
export const Queue = z
  .object({
    showId: Id,
    line: LineName,
    ticket: z.int().positive().meta({ description: 'The line ticket: the number that the session got when it joined' }),
    place: LinePlace.nullable().meta({
      description:
        'The place in the line. It equals `ticket`, except for sessions that waited in the lobby before the sale opened. Their ' +
        'place is null until the shuffle, and then 1 to n in the shuffled order',
    }),
    ahead: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'Number of waiting parties with a lower place; null while the lobby is open' }),
    partySize: z.int().positive(),
    etaSeconds: z.object({ from: z.int().nonnegative(), to: z.int().nonnegative() }).nullable(),
    chance: Chance,
    joinedAt: Instant,
    expiresAt: Instant,
    version: LineVersion,
    receipt: z.string().meta({
      description:
        'Ed25519 signature over showId, line, ticket, joinedAt and the session, as base64url. It proves the place in the line',
    }),
    waiting: z.int().nonnegative().meta({ description: 'Number of waiting parties in the line, including this one' }),
    lastPlace: LastLinePlace,
  })
  .meta({ id: 'Queue', description: "A session's place in a show's line" });
export type Queue = z.infer<typeof Queue>;

/**
 * Body of `POST …/queue`: a party that wants to join the line. It can ask for any seats, or for seats of some tiers or
 * of one kind.
 */
export const QueueBody = z
  .strictObject({
    partySize: z.int().min(1).max(10),
    tiers: boundedArraySchema(Tier, { min: 1, max: 64 }).optional(),
    kind: SeatKind.optional(),
  })
  .meta({
    id: 'QueueBody',
    description:
      'A party of 1 to 10 people. `tiers` and `kind` limit which seats it accepts. Without them, it accepts any',
  });
export type QueueBody = z.infer<typeof QueueBody>;

/** Payload of `queue:join`. */
export const QueueJoin = QueueBody.extend({ showId: Id, key: IdempotencyKey.optional() });
export type QueueJoin = z.infer<typeof QueueJoin>;

/**
 * Query of `GET …/queue`.
 *
 * - `wait`: the maximum number of seconds that the server waits before it answers. It answers earlier if the place,
 *   the number of parties ahead or the chance changes.
 * - `ahead`: the number of parties ahead, as far as the caller knows. If this number is out of date, the server
 *   answers at once.
 * - `outcome`: `true` asks for a `QueueWithOutcome`.
 */
export const QueueQuery = z.object({
  wait: z
    .string()
    .regex(/^[0-9]{1,2}$/, 'must be a whole number of seconds, 0 to 60')
    .transform(Number)
    .pipe(z.int().max(60))
    .default(0),
  ahead: z
    .string()
    .regex(/^[0-9]{1,9}$/, 'must be the number of parties ahead')
    .transform(Number)
    .optional(),
  outcome: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
});

/** Path parameters of the endpoints for a show's lines. */
export const QueueParams = z.object({ showId: IdParam });
