import { defineEntity, p } from '@mikro-orm/postgresql';

const TicketRowSchema = defineEntity({
  name: 'TicketRow',
  tableName: 'ticket',
  comment: 'Tickets, one row per booked seat; inserted when the ticket is first requested',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    ticketId: p.uuid().primary().fieldName('ticket_id'),
    bookingId: p.uuid().fieldName('booking_id'),
    seat: p.integer(),
    usedAt: p.datetime(3).fieldName('used_at').nullable().comment('time of the check-in; null if the ticket is unused'),
    usedGate: p.string().length(64).fieldName('used_gate').nullable(),
    usedKey: p.string().length(128).fieldName('used_key').nullable().comment('idempotency key of the check-in'),
    voidedAt: p
      .datetime(3)
      .fieldName('voided_at')
      .nullable()
      .comment('time at which the refund began; a voided ticket admits nobody'),
  },
  uniques: [{ name: 'ticket_one_per_booking_seat', properties: ['showId', 'bookingId', 'seat'] }],
  checks: [{ name: 'ticket_used_or_voided', expression: 'used_at is null or voided_at is null' }],
});

/** A row of the `ticket` table. The table `show_seat` decides whether the ticket's seat still belongs to the booking. */
export class TicketRow extends TicketRowSchema.class {}
TicketRowSchema.setClass(TicketRow);
