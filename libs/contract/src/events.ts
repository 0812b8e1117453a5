import { z } from 'zod';
import { AccessCodeAllowance, AccessCodeRedeem } from './access-codes/access-codes.js';
import { KeyEnded } from './access/api-keys.js';
import { OperatorEnded } from './access/operators.js';
import { Session } from './access/sessions.js';
import { Challenge, ChallengePassed, ChallengeSolve } from './admission/challenges.js';
import { ShowChanged } from './catalog/show-changed.js';
import type { ErrorBody } from './errors.js';
import { QueueAdmitted, QueueExpired, QueueLeft, QueueMoved } from './line/queue-events.js';
import { QueueOutcome } from './line/queue-outcome.js';
import { Queue, QueueJoin } from './line/queue.js';
import { Booking, ReservationCreate, ReservationRelease } from './seats/bookings.js';
import { SeatChange, SeatMapSnapshot, SeatsChanged, ShowVersion } from './seats/seat-map.js';
import { Id } from './values/ids.js';
import { Instant } from './values/times.js';
import { TermsVersion, Version } from './values/versions.js';

/**
 * Answer to `show:join` if the session may see the seats: the snapshot, and the session's bookings and place in line.
 */
export const ShowJoinedOpen = SeatMapSnapshot.omit({ showId: true }).extend({
  access: z.literal('open'),
  bookings: z.array(Booking),
  queue: Queue.nullable(),
  serverTime: Instant,
  termsVersion: TermsVersion.optional(),
});

/** Answer to `show:join` if the waiting room is on and has not admitted the session yet. */
export const ShowJoinedWaiting = z.object({
  access: z.literal('waiting'),
  queue: Queue,
  serverTime: Instant,
  termsVersion: TermsVersion.optional(),
});

/** Answer to `show:join`. `access` says which of the two shapes it has. */
export const ShowJoined = z
  .discriminatedUnion('access', [ShowJoinedOpen, ShowJoinedWaiting])
  .meta({ id: 'ShowJoined' });
export type ShowJoined = z.infer<typeof ShowJoined>;

/** Payload of `show:sync`. The client asks for all changes after the version `since`. */
export const ShowSync = z.strictObject({ showId: Id, since: Version });

/** Answer to `show:sync`: the changes, oldest first. If `since` is too old, the answer is a snapshot instead. */
export const ShowSynced = z
  .union([z.object({ version: Version, changes: z.array(SeatChange) }), SeatMapSnapshot.omit({ showId: true })])
  .meta({ id: 'ShowSynced' });
export type ShowSynced = z.infer<typeof ShowSynced>;

const ShowOnly = z.strictObject({ showId: Id });
const BookingOnly = z.object({ booking: Booking });
const ChallengeOnly = z.object({ challenge: Challenge });
const QueueOnly = z.object({ queue: Queue });
const QueueStatus = z.object({
  queue: Queue.nullable(),
  outcome: QueueOutcome.optional().meta({ description: 'The outcome of the wait; present if `queue` is null' }),
});
const Nothing = z.object({});

/**
 * The events that clients send. `payload` is the schema of the payload. `answer` is the schema of the fields that a
 * successful acknowledgement has besides `ok: true`.
 */
export const clientEvents = {
  'show:join': {
    payload: ShowOnly,
    answer: ShowJoined,
    summary: "Join the show's room to receive its events. The answer contains a snapshot of the seats",
  },
  'show:leave': {
    payload: ShowOnly,
    answer: Nothing,
    summary: "Leave the show's room. The socket no longer receives the show's events",
  },
  'show:sync': { payload: ShowSync, answer: ShowSynced, summary: 'Get the changes after a version' },
  'reservation:create': { payload: ReservationCreate, answer: BookingOnly, summary: 'Hold seats, all or none' },
  'reservation:release': { payload: ReservationRelease, answer: BookingOnly, summary: 'Release a held booking' },
  'queue:join': {
    payload: QueueJoin,
    answer: QueueOnly,
    summary: "Join the show's line. A session that already stands in the line gets the same place again",
  },
  'queue:leave': {
    payload: ShowOnly,
    answer: Nothing,
    summary: "Leave the show's line. In a show with a waiting room, this also ends the session's stay",
  },
  'queue:status': {
    payload: ShowOnly,
    answer: QueueStatus,
    summary: "Get the session's place in the line. Without a place, get the outcome of the session's last wait",
  },
  'challenge:get': {
    payload: ShowOnly,
    answer: ChallengeOnly,
    summary:
      'Get a challenge. An event that was refused with `CHALLENGE_REQUIRED` succeeds after the session has solved it',
  },
  'challenge:solve': {
    payload: ChallengeSolve,
    answer: ChallengePassed,
    summary: 'Send the solution of a challenge. A wrong or expired solution is refused with `FORBIDDEN`',
  },
  'access-code:redeem': {
    payload: AccessCodeRedeem,
    answer: AccessCodeAllowance,
    summary: 'Use an access code of a show. The seats of several codes add up, and a code counts once per session',
  },
} as const satisfies Record<string, { payload: z.ZodType; answer: z.ZodType; summary: string }>;
export type ClientEvent = keyof typeof clientEvents;
export type ClientPayload<E extends ClientEvent> = z.input<(typeof clientEvents)[E]['payload']>;
export type ClientAnswer<E extends ClientEvent> = z.infer<(typeof clientEvents)[E]['answer']>;

/** The acknowledgement of a client event: the answer, or the error with which the server refused the event. */
export type Acknowledgement<T> =
  (T extends Record<string, never> ? { ok: true } : { ok: true } & T) | { ok: false; error: ErrorBody };

/** The events that the server sends. `to` names the receivers. */
export const serverEvents = {
  session: {
    payload: Session,
    to: 'the socket',
    summary: 'A new session for a socket without a token, or a fresh token for the session',
  },
  'seats:changed': { payload: SeatsChanged, to: "the show's room", summary: 'The new status of seats that changed' },
  'show:version': {
    payload: ShowVersion,
    to: "the show's room",
    summary: 'The current version, sent at least every 5 s. A client with a lower version sends `show:sync`',
  },
  'show:reset': {
    payload: SeatMapSnapshot,
    to: "the show's room",
    summary:
      'The client must replace its map with this snapshot, even if the snapshot has a lower version, and acknowledge with ' +
      '{ ok: true }. The server sends this event if the history in its database differs from the history that clients saw, for ' +
      'example after a backup was restored. The server closes a connection that does not acknowledge within 1 s. The client ' +
      'must then connect and join again',
  },
  'show:changed': {
    payload: ShowChanged,
    to: "the show's room and the sessions in its lines",
    summary: 'The show moved, its terms changed, or it was called off',
  },
  'booking:updated': { payload: BookingOnly, to: 'the session', summary: 'A booking of the session changed' },
  'queue:moved': {
    payload: QueueMoved,
    to: 'the sessions in the line',
    summary: 'The line moved. The server sends at most one message per tick',
  },
  'queue:placed': {
    payload: QueueOnly,
    to: 'the session',
    summary: 'The lobby was shuffled. The payload has the place of the session',
  },
  'queue:joined': {
    payload: QueueOnly,
    to: 'the session',
    summary:
      'The session joined the line over another socket or over REST. This socket receives `queue:moved` only after it has sent ' +
      '`queue:status`',
  },
  'queue:offer': {
    payload: z.object({ showId: Id, booking: Booking }),
    to: 'the session',
    summary: 'The server holds seats for the party until booking.expiresAt',
  },
  'queue:admitted': {
    payload: QueueAdmitted,
    to: 'the session',
    summary: 'The waiting room admitted the session. The client must join the show now',
  },
  'queue:expired': {
    payload: QueueExpired,
    to: 'the session',
    summary: 'The server removed the session from the line',
  },
  'queue:left': { payload: QueueLeft, to: 'the session', summary: 'The session left the line by its own choice' },
  'node:leaving': {
    payload: z.object({ withinMs: z.int().nonnegative() }),
    to: 'the socket',
    summary:
      'This node is draining. It answers the requests that it has received, and closes the connection within `withinMs`. The ' +
      'client must connect again',
  },
  'key:ended': {
    payload: KeyEnded,
    to: 'the socket',
    summary:
      'The API key of the socket is no longer valid. The server closes the connection after this event. A client that ' +
      'connects again must not send this key',
  },
  'operator:ended': {
    payload: OperatorEnded,
    to: 'the socket',
    summary:
      'The sign-in of the socket is no longer valid. The server closes the connection after this event. A client that ' +
      'connects again must not act for the operator',
  },
  'stay:ended': {
    payload: z.object({ showId: Id }),
    to: 'the session',
    summary: 'The stay of the session in a show with a waiting room has ended',
  },
} as const satisfies Record<string, { payload: z.ZodType; to: string; summary: string }>;
export type ServerEvent = keyof typeof serverEvents;
export type ServerPayload<E extends ServerEvent> = z.infer<(typeof serverEvents)[E]['payload']>;

/** Socket.IO's type of the events that a client may emit. */
export type ClientToServerEvents = {
  [E in ClientEvent]: (
    payload: ClientPayload<E>,
    acknowledge: (answer: Acknowledgement<ClientAnswer<E>>) => void,
  ) => void;
};

/** The server events that the client acknowledges with `{ ok: true }`. */
export const acknowledgedEvents = ['show:reset'] as const satisfies ServerEvent[];
type AcknowledgedEvent = (typeof acknowledgedEvents)[number];

/** Socket.IO's type of the events that the server may emit. */
export type ServerToClientEvents = {
  [E in Exclude<ServerEvent, AcknowledgedEvent>]: (payload: ServerPayload<E>) => void;
} & { [E in AcknowledgedEvent]: (payload: ServerPayload<E>, acknowledge: (answer: { ok: true }) => void) => void };
