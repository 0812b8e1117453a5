import { defineEntity, p } from '@mikro-orm/postgresql';
import { BookingStatus } from '@usher/contract';
import type { RefundTerms } from '../../core/model/refund-terms.js';

const BookingSchema = defineEntity({
  name: 'Booking',
  tableName: 'booking',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    bookingId: p.uuid().primary().fieldName('booking_id'),
    sessionId: p.uuid().fieldName('session_id'),
    status: p.string().length(16),
    seats: p.array((seat) => Number(seat)).columnType('int[]'),
    amounts: p
      .array((amount) => Number(amount))
      .columnType('bigint[]')
      .comment('price per seat in minor units'),
    currency: p.string().columnType('char(3)'),
    substituted: p.boolean(),
    createdAt: p.datetime(3).fieldName('created_at'),
    expiresAt: p.datetime(3).fieldName('expires_at').nullable(),
    firstExpiresAt: p.datetime(3).fieldName('first_expires_at'),
    firstVersion: p.bigint('number').fieldName('first_version'),
    version: p.bigint('number'),
    lineTicket: p
      .integer()
      .fieldName('line_ticket')
      .nullable()
      .comment('the line ticket to which the seat line offered the seats; null if the session reserved them itself'),
    paymentId: p
      .uuid()
      .fieldName('payment_id')
      .nullable()
      .comment('the payment that paid for the booking, or the last one that began'),
    paymentStatus: p.string().length(16).fieldName('payment_status').nullable(),
    paymentProvider: p.string().length(16).fieldName('payment_provider').nullable(),
    refundTerms: p
      .json<RefundTerms>()
      .fieldName('refund_terms')
      .nullable()
      .comment("the show's start and refund rule when the seats were held"),
    source: p
      .string()
      .length(48)
      .nullable()
      .comment(
        'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown',
      ),
    key: p.string().length(128).nullable(),
    bodyHash: p.string().length(64).fieldName('body_hash').nullable(),
  },
  checks: [
    { name: 'booking_status', expression: `status in (${BookingStatus.options.map((s) => `'${s}'`).join(', ')})` },
  ],
  indexes: [
    { name: 'booking_by_id', properties: ['bookingId'] },
    // The session comes first, because the erasure of a session's data looks for it in all shows.
    { name: 'booking_by_session', properties: ['sessionId', 'showId'] },
    {
      // Finds bookings by their code, which encodes the last eight digits of the id. Holds without a payment are left
      // out, because most of them end unpaid and the index would cost each of them a write.
      name: 'booking_by_code',
      expression:
        "create index booking_by_code on booking (right(booking_id::text, 8)) where payment_id is not null or status in ('booked', 'refunded')",
    },
    {
      name: 'booking_running_holds',
      expression:
        "create index booking_running_holds on booking (expires_at) include (show_id) where status = 'reserved'",
    },
  ],
});

/** The row of a booking. Only the show's lane writes it. */
export class Booking extends BookingSchema.class {}
BookingSchema.setClass(Booking);
