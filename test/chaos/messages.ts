import { BookingStatus, type ErrorBody, isErrorBody, LineName, SeatChange } from '@usher/contract';
import { z } from 'zod';

/** The part of a booking that the chaos tests read. */
export const SeenBooking = z.object({
  bookingId: z.string(),
  showId: z.int(),
  sessionId: z.string(),
  status: BookingStatus,
  seats: z.array(z.object({ seat: z.int() })),
  expiresAt: z.string().nullable(),
  version: z.int(),
});
export type SeenBooking = z.infer<typeof SeenBooking>;

/** The part of a place in a line that the chaos tests read. */
export const SeenQueue = z.object({ showId: z.int(), line: LineName, ticket: z.int(), partySize: z.int() });
export type SeenQueue = z.infer<typeof SeenQueue>;

/** The seats of a show at a version. */
export const Snapshot = z.object({ version: z.int(), seatCount: z.int(), seats: z.string() });
export type Snapshot = z.infer<typeof Snapshot>;

/**
 * The part of a positive answer that the chaos tests read. It depends on the event of the call which fields are
 * present.
 */
const Granted = z.looseObject({
  ok: z.literal(true),
  access: z.enum(['open', 'waiting']).optional(),
  booking: SeenBooking.optional(),
  bookings: z.array(SeenBooking).optional(),
  queue: SeenQueue.nullable().optional(),
  changes: z.array(SeatChange).optional(),
});

const Refused = z.object({ ok: z.literal(false), error: z.custom<ErrorBody>(isErrorBody) });

/** The answer (Socket.IO acknowledgement) to a call. */
export const Answer = z.discriminatedUnion('ok', [Granted, Refused]);
export type Answer = z.infer<typeof Answer>;

/** The part of a server event's payload that the chaos tests read. */
export const ReceivedPayload = z.looseObject({
  showId: z.int().optional(),
  version: z.int().optional(),
  booking: SeenBooking.optional(),
});
export type ReceivedPayload = z.infer<typeof ReceivedPayload>;

/** The payload of a call. It depends on the event which fields are present. */
export interface CallPayload {
  readonly showId?: number;
  readonly bookingId?: string;
  readonly seats?: readonly number[];
  readonly best?: { readonly count: number };
  readonly onConflict?: 'alternative';
  readonly key?: string;
  readonly partySize?: number;
  readonly since?: number;
}
