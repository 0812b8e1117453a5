import { defineEntity, p } from '@mikro-orm/postgresql';

const BookingContactRowSchema = defineEntity({
  name: 'BookingContactRow',
  tableName: 'booking_contact',
  comment: 'Mail addresses of buyers; deleted some weeks after the show',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    bookingId: p.uuid().primary().fieldName('booking_id'),
    email: p.string().length(254),
    requestId: p
      .uuid()
      .fieldName('request_id')
      .defaultRaw('gen_random_uuid()')
      .comment('the last call that set the address; each call causes one mail with tickets'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
});

/**
 * The mail address of a booking. It is personal data, so no log contains it, and other tables keep it only until the mail
 * is sent.
 */
export class BookingContactRow extends BookingContactRowSchema.class {}
BookingContactRowSchema.setClass(BookingContactRow);
