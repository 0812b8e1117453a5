import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { IdempotencyKey } from './idempotency.js';
import { layoutSeatsMax } from './layouts/layout-body.js';
import { Id, Instant, Money, Seat, SeatKind, Tier, Uuid, Version } from './primitives.js';

/** `reserved` (held, unpaid) → `booked` (paid) → `refunded`; or from `reserved`: `expired`, `released`. */
export const BookingStatus = z.enum(['reserved', 'booked', 'refunded', 'expired', 'released']);
export type BookingStatus = z.infer<typeof BookingStatus>;

/**
 * `pending` → `succeeded` (the seats are booked) → `refunding` → `refunded`; `declined`: another try may follow; `failed`:
 * it will take no money any more. A payment that found no seats goes from `pending` to `refunding`.
 */
export const PaymentStatus = z.enum(['pending', 'succeeded', 'declined', 'refunding', 'refunded', 'failed']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

/** What a booking says of its payment. */
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
 * How a buyer may give the paid seats of one booking back. The rule is the one that the show had when the seats were held;
 * later changes of the show's rules do not touch it. If the show moved, the later of the old and the new start counts.
 */
export const BookingRefunds = z
  .object({
    /** Refunds are possible before this time. */
    until: Instant,
    /** Kept of each seat's price, in the minor unit of the booking's currency. */
    feeAmount: z.int().nonnegative(),
  })
  .meta({ id: 'BookingRefunds' });
export type BookingRefunds = z.infer<typeof BookingRefunds>;

const bookingFields = {
  bookingId: Uuid,
  code: z.string().optional().meta({
    description: 'For people: the box office finds the booking by it. It gives no access',
    example: 'D7M-2QDX',
  }),
  showId: Id,
  sessionId: Uuid,
  seats: z.array(BookedSeat),
  total: Money,
  createdAt: Instant,
  /** True when the chosen seats were taken and seats like them were held instead. */
  substituted: z.boolean(),
  /** The show's version that the booking's last change made. */
  version: Version,
  payment: BookingPayment.optional().meta({ description: 'Present once paying has begun' }),
  refunds: BookingRefunds.nullable()
    .optional()
    .meta({ description: 'Until when and for what fee the buyer may give the seats back; null: the buyer may not' }),
};

/** A booking. While it can still end by itself (`reserved`) and after it has ended so, `expiresAt` says when. */
export const Booking = z
  .discriminatedUnion('status', [
    z.object({
      ...bookingFields,
      status: z.enum(['reserved', 'expired', 'released']),
      expiresAt: Instant,
      holdEndsAt: Instant.optional().meta({ description: 'When the hold would end without the time added for paying' }),
    }),
    z.object({ ...bookingFields, status: z.enum(['booked', 'refunded']), expiresAt: z.null() }),
  ])
  .meta({ id: 'Booking', description: 'Seats of one show, held or paid, all or none' });
export type Booking = z.infer<typeof Booking>;

/** `best`: so many seats together, as good as can be had. How many may be asked for is the show's to say. */
export const BestSeats = z.strictObject({ count: z.int(), tier: Tier.optional(), kind: SeatKind.optional() });
export type BestSeats = z.infer<typeof BestSeats>;

const onConflict = z
  .literal('alternative')
  .optional()
  .meta({ description: 'If the chosen seats are taken, hold the nearest seats like them in the same step' });

// Whether the seats are numbers is judged here; how many and which, by the show (INVALID_SEATS).
// More than ten are INVALID_SEATS, which the show decides.
const reserveFields = {
  seats: boundedArraySchema(Seat, { max: layoutSeatsMax }).optional(),
  best: BestSeats.optional(),
  onConflict,
};
const exactlyOne = (body: { seats?: unknown; best?: unknown }) =>
  (body.seats === undefined) !== (body.best === undefined);
const oneOfBoth = { message: 'give either seats or best', path: ['seats'] };

/** The wish in a reservation, the same on both transports: chosen seats, or the best that are together. */
export const ReserveBody = z
  .strictObject(reserveFields)
  .refine(exactlyOne, oneOfBoth)
  .meta({ id: 'ReserveBody', description: 'One to ten seats, all or nothing: either `seats` or `best`' });
export type ReserveBody = z.infer<typeof ReserveBody>;

/** `reservation:create`. */
export const ReservationCreate = z
  .strictObject({ showId: Id, key: IdempotencyKey.optional(), ...reserveFields })
  .refine(exactlyOne, oneOfBoth);
export type ReservationCreate = z.infer<typeof ReservationCreate>;

/** `reservation:release`. */
export const ReservationRelease = z.strictObject({ bookingId: Uuid });
