import { defineEntity, p } from '@mikro-orm/postgresql';

const TicketRowSchema = defineEntity({
  name: 'TicketRow',
  tableName: 'ticket',
  comment: 'One row a booked seat, made when its ticket is first asked for',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    ticketId: p.uuid().primary().fieldName('ticket_id'),
    bookingId: p.uuid().fieldName('booking_id'),
    seat: p.integer(),
    usedAt: p.datetime(3).fieldName('used_at').nullable().comment('null: nobody was let in by it'),
    usedGate: p.string().length(64).fieldName('used_gate').nullable(),
    usedKey: p.string().length(128).fieldName('used_key').nullable().comment('idempotency key of the check-in'),
    voidedAt: p.datetime(3).fieldName('voided_at').nullable().comment('its refund has begun: lets nobody in'),
  },
  uniques: [{ name: 'ticket_one_a_seat_of_a_booking', properties: ['showId', 'bookingId', 'seat'] }],
  checks: [{ name: 'ticket_used_or_voided', expression: 'used_at is null or voided_at is null' }],
});

/** A row of the `ticket` table. The table `show_seat` decides whether the ticket's seat still belongs to the booking. */
export class TicketRow extends TicketRowSchema.class {}
TicketRowSchema.setClass(TicketRow);
