import { defineEntity, p } from '@mikro-orm/postgresql';

const BookingLinkRowSchema = defineEntity({
  name: 'BookingLinkRow',
  tableName: 'booking_link',
  comment: 'Link revisions of bookings whose mailed links were revoked; a booking without a row has revision 0',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    bookingId: p.uuid().primary().fieldName('booking_id'),
    revision: p.integer().comment('links of another revision are refused'),
  },
});

/** The current link revision of a booking. Only links with this revision are valid. */
export class BookingLinkRow extends BookingLinkRowSchema.class {}
BookingLinkRowSchema.setClass(BookingLinkRow);
