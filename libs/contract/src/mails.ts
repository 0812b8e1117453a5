import { z } from 'zod';
import { PageQuery } from './catalog.js';
import { Id, Instant, Uuid } from './primitives.js';

/** `PUT /v1/bookings/:bookingId/contact`. */
export const BookingContactBody = z
  .strictObject({ email: z.email().max(254).nullable() })
  .meta({ id: 'BookingContactBody' });
export type BookingContactBody = z.infer<typeof BookingContactBody>;

/** Where the tickets and news of the booking are mailed to; null: nowhere. */
export const BookingContact = z.object({ email: z.email().max(254).nullable() }).meta({ id: 'BookingContact' });
export type BookingContact = z.infer<typeof BookingContact>;

/**
 * What is mailed to a buyer: the tickets; that seats were given back; that the show was called off; that a payment found
 * no seats and goes back; that the show moved to another time or place, or shows another movie.
 */
export const MailKind = z.enum(['booked', 'refunded', 'calledOff', 'returned', 'moved']);
export type MailKind = z.infer<typeof MailKind>;

/** `pending` until it is handed over, or was refused for good; `pending` for ever where no mail server is set. */
export const MailStatus = z.enum(['pending', 'sent', 'failed']);
export type MailStatus = z.infer<typeof MailStatus>;

/** One mail to one buyer. */
export const Mail = z
  .object({
    mailId: Uuid,
    showId: Id,
    bookingId: Uuid,
    kind: MailKind,
    /** Null once sent: the address is not kept longer than it is needed. */
    to: z.string().nullable(),
    status: MailStatus,
    attempts: z.int(),
    /** What the last attempt failed with: a reply code or an error's code, or null. */
    lastError: z.string().nullable(),
    createdAt: Instant,
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'Mail' });
export type Mail = z.infer<typeof Mail>;

/** A mail with its words, as they are now. */
export const MailWithText = Mail.extend({ subject: z.string(), text: z.string() }).meta({ id: 'MailWithText' });
export type MailWithText = z.infer<typeof MailWithText>;

export const MailParams = z.object({ mailId: Uuid });

/** `GET /v1/admin/mails`. */
export const MailsQuery = PageQuery.extend({ status: MailStatus.optional() });
