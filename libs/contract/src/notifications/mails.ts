import { z } from 'zod';
import { Id, Uuid } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { Instant } from '../values/times.js';

const contactEmail = z.email().max(254).nullable();

/** Body of `PUT /v1/bookings/:bookingId/contact`. */
export const BookingContactBody = z.strictObject({ email: contactEmail }).meta({ id: 'BookingContactBody' });
export type BookingContactBody = z.infer<typeof BookingContactBody>;

/**
 * The address to which the service mails the tickets and news of a booking. If `email` is null, the service mails
 * nothing.
 */
export const BookingContact = z.object({ email: contactEmail }).meta({ id: 'BookingContact' });
export type BookingContact = z.infer<typeof BookingContact>;

/**
 * The kind of a mail to a buyer.
 *
 * - `booked`: contains the tickets.
 * - `refunded`: seats were refunded.
 * - `calledOff`: the show was called off.
 * - `returned`: the payment arrived when the seats could no longer be booked, so the money is returned.
 * - `moved`: the show moved to another time or place, or presents another movie.
 */
export const MailKind = z.enum(['booked', 'refunded', 'calledOff', 'returned', 'moved']);
export type MailKind = z.infer<typeof MailKind>;

/**
 * The status of a mail. It is `pending` until the mail server accepts the mail (`sent`) or finally refuses it
 * (`failed`). Without a mail server in the settings, a mail stays `pending`.
 */
export const MailStatus = z.enum(['pending', 'sent', 'failed']);
export type MailStatus = z.infer<typeof MailStatus>;

/** One mail to one buyer. */
export const Mail = z
  .object({
    mailId: Uuid,
    showId: Id,
    bookingId: Uuid,
    kind: MailKind,
    to: z.string().nullable().meta({
      description:
        'The address; null once the mail is sent, because the service keeps an address no longer than needed',
    }),
    status: MailStatus,
    attempts: z.int(),
    lastError: z.string().nullable().meta({
      description:
        'Why the last attempt failed: a reply code of the mail server or an error code; null if no attempt failed',
    }),
    createdAt: Instant,
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'Mail' });
export type Mail = z.infer<typeof Mail>;

/** A mail with the text that the service would write for it now. */
export const MailWithText = Mail.extend({ subject: z.string(), text: z.string() }).meta({ id: 'MailWithText' });
export type MailWithText = z.infer<typeof MailWithText>;

/** Path parameters of an endpoint for one mail. */
export const MailParams = z.object({ mailId: Uuid });

/** Query of `GET /v1/admin/mails`. */
export const MailsQuery = PageQuery.extend({ status: MailStatus.optional() });
