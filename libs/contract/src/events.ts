import { z } from 'zod';
import { Booking, ReservationCreate, ReservationRelease } from './bookings.js';
import type { ErrorBody } from './errors.js';
import { Id, Instant, TermsVersion, Version } from './primitives.js';
import { QueueOutcome } from './queue-outcome.js';
import { Queue, QueueAdmitted, QueueExpired, QueueJoin, QueueLeft, QueueMoved } from './queue.js';
import { SeatChange, SeatMapSnapshot, SeatsChanged, ShowVersion } from './seat-map.js';
import { ShowChanged } from './show-changed.js';
import { Session } from './sessions.js';

/** `show:join` where the show is open: the snapshot and what this session has of the show. */
export const ShowJoinedOpen = SeatMapSnapshot.omit({ showId: true }).extend({
  access: z.literal('open'),
  bookings: z.array(Booking),
  queue: Queue.nullable(),
  serverTime: Instant,
  termsVersion: TermsVersion.optional(),
});

/** `show:join` where the waiting room is on and this session is not through it. */
export const ShowJoinedWaiting = z.object({
  access: z.literal('waiting'),
  queue: Queue,
  serverTime: Instant,
  termsVersion: TermsVersion.optional(),
});

/** Answer to `show:join`. */
export const ShowJoined = z
  .discriminatedUnion('access', [ShowJoinedOpen, ShowJoinedWaiting])
  .meta({ id: 'ShowJoined' });
export type ShowJoined = z.infer<typeof ShowJoined>;

/** `show:sync`: everything after the version `since`. */
export const ShowSync = z.strictObject({ showId: Id, since: Version });

/** Answer to `show:sync`: the changes, oldest first, or a snapshot when `since` is too long ago. */
export const ShowSynced = z
  .union([z.object({ version: Version, changes: z.array(SeatChange) }), SeatMapSnapshot.omit({ showId: true })])
  .meta({ id: 'ShowSynced' });
export type ShowSynced = z.infer<typeof ShowSynced>;

const ShowOnly = z.strictObject({ showId: Id });
const BookingOnly = z.object({ booking: Booking });
const InLine = z.object({ queue: Queue });
const InLineOrNot = z.object({
  queue: Queue.nullable(),
  outcome: QueueOutcome.optional().meta({ description: 'What became of the wait; present where `queue` is null' }),
});
const Nothing = z.object({});

/** What clients send: the payload's schema and the schema of what a good answer adds to `ok: true`. */
export const clientEvents = {
  'show:join': { payload: ShowOnly, answer: ShowJoined, summary: "Hear the show's room; answered with its snapshot" },
  'show:leave': { payload: ShowOnly, answer: Nothing, summary: "Hear the show's room no longer" },
  'show:sync': { payload: ShowSync, answer: ShowSynced, summary: 'Ask for the changes after a version' },
  'reservation:create': { payload: ReservationCreate, answer: BookingOnly, summary: 'Hold seats, all or none' },
  'reservation:release': { payload: ReservationRelease, answer: BookingOnly, summary: 'Give a held booking back' },
  'queue:join': { payload: QueueJoin, answer: InLine, summary: "Stand in the show's line; again: the same place" },
  'queue:leave': {
    payload: ShowOnly,
    answer: Nothing,
    summary: "Leave the show's line, or the show where it is metered",
  },
  'queue:status': {
    payload: ShowOnly,
    answer: InLineOrNot,
    summary: "This session's place in line, or null and what became of the wait",
  },
} as const satisfies Record<string, { payload: z.ZodType; answer: z.ZodType; summary: string }>;
export type ClientEvent = keyof typeof clientEvents;
export type ClientPayload<E extends ClientEvent> = z.input<(typeof clientEvents)[E]['payload']>;
export type ClientAnswer<E extends ClientEvent> = z.infer<(typeof clientEvents)[E]['answer']>;

/** What every client event is acknowledged with. */
export type Acknowledgement<T> =
  (T extends Record<string, never> ? { ok: true } : { ok: true } & T) | { ok: false; error: ErrorBody };

/** What the server sends, to whom, and the payload's schema. */
export const serverEvents = {
  session: {
    payload: Session,
    to: 'the socket',
    summary: 'A new session for a socket without a token, or a fresh token for the session',
  },
  'seats:changed': { payload: SeatsChanged, to: "the show's room", summary: 'Seats that now have each status' },
  'show:version': {
    payload: ShowVersion,
    to: "the show's room",
    summary: 'At least every 5 s: whoever is behind syncs',
  },
  'show:reset': {
    payload: SeatMapSnapshot,
    to: "the show's room",
    summary:
      'Replace the map with this snapshot, whatever its version, and acknowledge with { ok: true }. Sent when the tables contain another history than the one that was shown, as after a restore. The server closes a connection that does not acknowledge within 1 s; then connect and join again',
  },
  'show:changed': {
    payload: ShowChanged,
    to: "the show's room and those in its lines",
    summary: 'The show moved, is sold by other terms, or was called off',
  },
  'booking:updated': { payload: BookingOnly, to: 'the session', summary: 'One of its bookings changed' },
  'queue:moved': { payload: QueueMoved, to: 'those in that line', summary: 'The line moved; one message a tick' },
  'queue:placed': { payload: InLine, to: 'the session', summary: 'The lobby was shuffled: its place in line' },
  'queue:joined': {
    payload: InLine,
    to: 'the session',
    summary:
      'It joined the line by another socket or over REST; `queue:status` makes this socket hear the line as well',
  },
  'queue:offer': {
    payload: z.object({ showId: Id, booking: Booking }),
    to: 'the session',
    summary: 'Seats were found for the party and are held until booking.expiresAt',
  },
  'queue:admitted': { payload: QueueAdmitted, to: 'the session', summary: 'Let in: join the show now' },
  'queue:expired': { payload: QueueExpired, to: 'the session', summary: 'It stands in line no longer' },
  'queue:left': { payload: QueueLeft, to: 'the session', summary: 'It left the line by its own choice' },
  'node:leaving': {
    payload: z.object({ withinMs: z.int().nonnegative() }),
    to: 'the socket',
    summary: 'This node leaves: it answers what was sent and ends the connection within so long; connect anew',
  },
  'stay:ended': { payload: z.object({ showId: Id }), to: 'the session', summary: 'Its stay in a metered show is over' },
} as const satisfies Record<string, { payload: z.ZodType; to: string; summary: string }>;
export type ServerEvent = keyof typeof serverEvents;
export type ServerPayload<E extends ServerEvent> = z.infer<(typeof serverEvents)[E]['payload']>;

/** Socket.IO's map of what the client may emit. */
export type ClientToServerEvents = {
  [E in ClientEvent]: (
    payload: ClientPayload<E>,
    acknowledge: (answer: Acknowledgement<ClientAnswer<E>>) => void,
  ) => void;
};

/** Server events that the client acknowledges with `{ ok: true }`. */
export const acknowledgedEvents = ['show:reset'] as const satisfies ServerEvent[];
type AcknowledgedEvent = (typeof acknowledgedEvents)[number];

/** Socket.IO's map of what the server may emit. */
export type ServerToClientEvents = {
  [E in Exclude<ServerEvent, AcknowledgedEvent>]: (payload: ServerPayload<E>) => void;
} & { [E in AcknowledgedEvent]: (payload: ServerPayload<E>, acknowledge: (answer: { ok: true }) => void) => void };
