import { z } from 'zod';
import { layoutSeatsMax } from '../layouts/layout-body.js';
import { Seat, SeatKind, Tier } from '../layouts/layout.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { IdempotencyKey } from '../values/idempotency.js';
import { Id, Uuid } from '../values/ids.js';
import { Money } from '../values/money.js';
import { Instant } from '../values/times.js';
import { Version } from '../values/versions.js';

/**
 * The status of a booking. The seats of a `reserved` booking are held and not paid for yet. The booking becomes
 * `booked` when it is paid, `expired` when the hold runs out, or `released` when the buyer gives the seats up. A
 * `booked` booking can become `refunded`.
 */
export const BookingStatus = z.enum(['reserved', 'booked', 'refunded', 'expired', 'released']);
export type BookingStatus = z.infer<typeof BookingStatus>;

/**
 * The status of a payment.
 *
 * - `pending`: the provider has not decided yet.
 * - `succeeded`: the seats are booked. A refund moves the payment to `refunding` and then to `refunded`.
 * - `declined`: the buyer may try again with the same payment.
 * - `failed`: this payment cannot succeed any more.
 *
 * If the money arrives when the seats can no longer be booked, the payment goes from `pending` to `refunding`.
 */
export const PaymentStatus = z.enum(['pending', 'succeeded', 'declined', 'refunding', 'refunded', 'failed']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

/** A summary of a booking's payment. */
export const BookingPayment = z
  .object({ paymentId: Uuid, status: PaymentStatus, provider: z.string() })
  .meta({ id: 'BookingPayment' });
export type BookingPayment = z.infer<typeof BookingPayment>;

/** One seat of a booking with its label ("D12") and its price. */
export const BookedSeat = z
  .object({ seat: Seat, label: z.string(), tier: Tier, price: Money })
  .meta({ id: 'BookedSeat' });
export type BookedSeat = z.infer<typeof BookedSeat>;

/**
 * The terms on which the buyer of one booking can get money back. They come from the rule that the show had when the
 * seats were held. Later changes to that rule do not affect the booking. If the show moved, the deadline is counted
 * from the later of the old and the new start.
 */
export const BookingRefunds = z
  .object({
    until: Instant.meta({ description: 'Refunds are possible before this time' }),
    feeAmount: z
      .int()
      .nonnegative()
      .meta({ description: "Part of each seat's price that is not refunded, in the minor unit of the currency" }),
  })
  .meta({ id: 'BookingRefunds' });
export type BookingRefunds = z.infer<typeof BookingRefunds>;

const bookingFields = {
  bookingId: Uuid,
  code: z.string().optional().meta({
    description: 'A short code for people. The box office finds the booking by it. It gives no access to the booking',
    example: 'D7M-2QDX',
  }),
  showId: Id,
  sessionId: Uuid,
  seats: z.array(BookedSeat),
  total: Money,
  createdAt: Instant,
  substituted: z.boolean().meta({
    description: 'True if the chosen seats were taken and the service held similar seats instead',
  }),
  version: Version.meta({ description: "The show's version after the last change to this booking" }),
  payment: BookingPayment.optional().meta({ description: 'Present once the buyer has started to pay' }),
  refunds: BookingRefunds.nullable()
    .optional()
    .meta({ description: 'The terms of a refund; null if only the staff can refund the booking' }),
};

/**
 * A booking: seats of one show that one session holds or has bought. A `reserved` booking expires at `expiresAt`. An
 * `expired` or `released` booking keeps that time. In a `booked` or `refunded` booking, `expiresAt` is null.
 */
export const Booking = z
  .discriminatedUnion('status', [
    z.object({
      ...bookingFields,
      status: z.enum(['reserved', 'expired', 'released']),
      expiresAt: Instant,
      holdEndsAt: Instant.optional().meta({
        description: 'When the hold would expire without the extra time that starting a payment added',
      }),
    }),
    z.object({ ...bookingFields, status: z.enum(['booked', 'refunded']), expiresAt: z.null() }),
  ])
  .meta({ id: 'Booking', description: 'Seats of one show, held or paid, all or none' });
export type Booking = z.infer<typeof Booking>;

/** A request for the best available seats: `count` seats side by side, optionally of one tier or one kind. */
export const BestSeats = z.strictObject({ count: z.int(), tier: Tier.optional(), kind: SeatKind.optional() });
export type BestSeats = z.infer<typeof BestSeats>;

const onConflict = z
  .literal('alternative')
  .optional()
  .meta({ description: 'If the chosen seats are taken, hold the nearest similar seats in the same step' });

// This schema only checks that `seats` contains numbers. The show decides which seats are valid and how many. It
// answers all other requests with INVALID_SEATS, for example a request for more than ten seats.
const reservationFields = {
  seats: boundedArraySchema(Seat, { max: layoutSeatsMax }).optional(),
  best: BestSeats.optional(),
  onConflict,
};
const hasEitherSeatsOrBest = (body: { seats?: unknown; best?: unknown }) =>
  (body.seats === undefined) !== (body.best === undefined);
const eitherSeatsOrBest = { message: 'give either seats or best', path: ['seats'] };

/** Body of `POST /v1/shows/:showId/reservations`: either chosen seats, or the best seats side by side. */
export const ReserveBody = z
  .strictObject(reservationFields)
  .refine(hasEitherSeatsOrBest, eitherSeatsOrBest)
  .meta({ id: 'ReserveBody', description: 'One to ten seats, all or nothing: either `seats` or `best`' });
export type ReserveBody = z.infer<typeof ReserveBody>;

/** Payload of `reservation:create`: the fields of {@link ReserveBody} with the show and an idempotency key. */
export const ReservationCreate = z
  .strictObject({ showId: Id, key: IdempotencyKey.optional(), ...reservationFields })
  .refine(hasEitherSeatsOrBest, eitherSeatsOrBest);
export type ReservationCreate = z.infer<typeof ReservationCreate>;

/** Payload of `reservation:release`. */
export const ReservationRelease = z.strictObject({ bookingId: Uuid });
