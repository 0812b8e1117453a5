import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { IdempotencyKey } from './idempotency.js';
import { IdParam, Id, Instant, SeatKind, textSchema, Tier, Version, webAddressSchema } from './primitives.js';

/** `seats`: waiting for seats to be given back. `entry`: waiting to be let into a busy show. */
export const LineName = z.enum(['seats', 'entry']);
export type LineName = z.infer<typeof LineName>;

/** Whether the seats that are left will reach a waiter. */
export const Chance = z.enum(['likely', 'unlikely', 'none']);
export type Chance = z.infer<typeof Chance>;

/** A range of seconds, as the line's measured pace has it. */
export const SecondsRange = z.object({ from: z.number().nonnegative(), to: z.number().nonnegative() });
export type SecondsRange = z.infer<typeof SecondsRange>;

const place = z.int().positive().meta({ description: 'The number by which a line is served' });
const LineVersion = Version.meta({ description: "The line's version: how many things have happened to it" });
const lastPlace = z.int().nonnegative().meta({ description: 'The highest place given so far' });

/** A session's place in one of a show's lines. */
export const Queue = z
  .object({
    showId: Id,
    line: LineName,
    ticket: z.int().positive(),
    /** The ticket, but for the members of a lobby: null until the shuffle, then 1 to n in the shuffled order. */
    place: place.nullable(),
    /** How many with a lower place are still waiting; null in an open lobby. */
    ahead: z.int().nonnegative().nullable(),
    partySize: z.int().positive(),
    etaSeconds: z.object({ from: z.int().nonnegative(), to: z.int().nonnegative() }).nullable(),
    chance: Chance,
    joinedAt: Instant,
    expiresAt: Instant,
    version: LineVersion,
    receipt: z.string().meta({ description: 'Ed25519 over showId, line, ticket, joinedAt and the session; base64url' }),
    waiting: z.int().nonnegative().meta({ description: 'How many stand in the line, this one among them' }),
    lastPlace,
  })
  .meta({ id: 'Queue', description: "A session's place in a show's line" });
export type Queue = z.infer<typeof Queue>;

/** Who wants to stand in line: a party, for seats of some tiers or of one kind or for any. */
export const QueueBody = z
  .strictObject({
    partySize: z.int().min(1).max(10),
    tiers: boundedArraySchema(Tier, { min: 1, max: 64 }).optional(),
    kind: SeatKind.optional(),
  })
  .meta({ id: 'QueueBody', description: 'A party of 1 to 10, limited to tiers or to a kind of seat or to neither' });
export type QueueBody = z.infer<typeof QueueBody>;

/** `queue:join`. */
export const QueueJoin = QueueBody.extend({ showId: Id, key: IdempotencyKey.optional() });
export type QueueJoin = z.infer<typeof QueueJoin>;

/**
 * `GET …/queue`: seconds to hold the answer open, how many were ahead as far as the caller knows, and whether to answer
 * what became of the wait beside the place.
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
    .regex(/^[0-9]{1,9}$/, 'must be how many were ahead')
    .transform(Number)
    .optional(),
  outcome: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
});

/**
 * `queue:moved`, one a tick and line. Places below `head` are all gone; `left` has those at or above it that left since
 * `from`, the version of the message before.
 *
 * A client at place P that knows `ahead`, `waiting` and `lastPlace` of a version keeps `ahead` exact by counting: of
 * those that are gone since, `waiting − waiting′ + lastPlace′ − lastPlace`, the ones in `left` above P were behind it,
 * and all others ahead. Whoever missed a message (`from` is above the known version) asks `queue:status`. Messages up to
 * the known version are old; one that reaches back before it, after an answer to `queue:join`, has in `left` nobody who was
 * counted already.
 */
export const QueueMoved = z
  .object({
    showId: Id,
    line: LineName,
    version: LineVersion,
    head: place,
    left: z.array(place),
    waiting: z.int().nonnegative(),
    /** Who has `ahead` before it waits from `ahead × from` to `(ahead + 2) × to` seconds. */
    etaSecondsPerPlace: SecondsRange.nullable(),
    from: LineVersion,
    lastPlace,
    /** With fewer ahead than `likely` a waiter's chance is likely, with fewer than `unlikely` it is unlikely, else none. */
    reach: z.object({ likely: z.int().nonnegative(), unlikely: z.int().nonnegative() }),
  })
  .meta({ id: 'QueueMoved' });
export type QueueMoved = z.infer<typeof QueueMoved>;

/** `queue:admitted`: join the show now; the stay in it ends at `until`. */
export const QueueAdmitted = z.object({ showId: Id, until: Instant }).meta({ id: 'QueueAdmitted' });
export type QueueAdmitted = z.infer<typeof QueueAdmitted>;

/** Why somebody stands in a line no longer. */
export const QueueExpiredReason = z.enum(['maxWait', 'offerLapsed', 'saleClosed', 'cannotBeServed']);
export type QueueExpiredReason = z.infer<typeof QueueExpiredReason>;

/**
 * `queue:left`: the session itself left the line, by one of its sockets or over REST. Each of its sockets hears it.
 * A client that stands there with a newer ticket ignores it.
 */
export const QueueLeft = z.object({ showId: Id, line: LineName, ticket: z.int().positive() }).meta({ id: 'QueueLeft' });
export type QueueLeft = z.infer<typeof QueueLeft>;

/** `queue:expired`. Not sent of an older ticket when the session stands in that line with a newer one. */
export const QueueExpired = z
  .object({ showId: Id, line: LineName, reason: QueueExpiredReason })
  .meta({ id: 'QueueExpired' });
export type QueueExpired = z.infer<typeof QueueExpired>;

/** What can happen to a line. */
export const ChainKind = z.enum(['join', 'leave', 'shuffle', 'admit', 'offer', 'lapse', 'expire']);
export type ChainKind = z.infer<typeof ChainKind>;

/**
 * One thing that happened to a line. `hash` is the lower-case hex SHA-256 of `previous hash|n|at|kind|ticket`; the
 * first one's previous hash is 64 zeros, and `ticket` is empty for `shuffle`.
 */
export const ChainEntry = z
  .object({
    n: z.int().positive(),
    at: Instant,
    kind: ChainKind,
    ticket: z.int().positive().nullable(),
    hash: z.string().length(64),
    receipt: z.string().nullable().meta({ description: 'The receipt that a `join` was given; null for other kinds' }),
  })
  .meta({ id: 'ChainEntry' });
export type ChainEntry = z.infer<typeof ChainEntry>;

/** Entries of a chain in one page of a proof. */
export const proofPageEntriesMax = 1000;

/** `GET …/queue/proof`: the chain after entry `after`, {@link proofPageEntriesMax} entries at most. */
export const ProofQuery = z.object({
  line: LineName.default('entry'),
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the n of an entry')
    .transform(Number)
    .default(0),
});

/** The proof of a line: all that a program needs to check its order without trust in the server. */
export const QueueProof = z
  .object({
    algorithm: z.literal('usher-line-1'),
    publicKey: z.string().meta({ description: 'Ed25519, raw 32 bytes as base64url' }),
    commitment: z.string().nullable().meta({ description: 'SHA-256 of the seed, hex; null where there is no lobby' }),
    seed: z.string().nullable().meta({ description: '32 bytes, hex; null until the shuffle is done' }),
    lobbySize: z.int().nonnegative(),
    chain: z.array(ChainEntry),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'QueueProof' });
export type QueueProof = z.infer<typeof QueueProof>;

/** `GET /v1/push/key`: the key that a browser subscribes with (VAPID, base64url). */
export const PushKey = z.object({ publicKey: z.string() }).meta({ id: 'PushKey' });
export type PushKey = z.infer<typeof PushKey>;

/** A browser's `PushSubscription` as its `toJSON()` gives it. Browsers may add keys, so unknown keys are ignored here. */
export const PushSubscription = z
  .object({
    endpoint: webAddressSchema(/^https$/, 'must be an https:// URL').max(2048),
    expirationTime: z.number().nullish(),
    keys: z.object({ p256dh: textSchema(128).min(1), auth: textSchema(64).min(1) }),
  })
  .meta({ id: 'PushSubscription' });
export type PushSubscription = z.infer<typeof PushSubscription>;

/** What a push message carries. */
export const PushPayload = z.object({
  type: z.enum(['queue:offer', 'queue:admitted', 'booking:updated', 'show:moved', 'show:changed', 'show:calledOff']),
  showId: Id,
  bookingId: z.string().nullable(),
  expiresAt: Instant.nullable(),
});
export type PushPayload = z.infer<typeof PushPayload>;

/** Path of a show's line. */
export const QueueParams = z.object({ showId: IdParam });
