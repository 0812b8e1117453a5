import { z } from 'zod';
import { LineName } from '../line/queue.js';
import { MailKind, MailStatus } from '../notifications/mails.js';
import { PushPayload } from '../notifications/push.js';
import { RiskCase } from '../risk/risk.js';
import { PaymentStatus, BookingStatus } from '../seats/bookings.js';
import { Id, Uuid } from '../values/ids.js';
import { Money } from '../values/money.js';
import { Instant } from '../values/times.js';
import { Session } from './sessions.js';

/** Maximum number of rows per list of {@link SessionData}. */
export const sessionDataRowsMax = 1000;

/** A booking of the session. Its payments, tickets and mails are in lists of their own. */
export const SessionDataBooking = z.object({
  showId: Id,
  bookingId: Uuid,
  status: BookingStatus,
  seats: z.array(z.int()),
  total: Money,
  createdAt: Instant,
  email: z.string().nullable().meta({ description: 'The address for mails about the booking; null if there is none' }),
});
export type SessionDataBooking = z.infer<typeof SessionDataBooking>;

/** A payment of the session. Card numbers are known only to the payment provider. */
export const SessionDataPayment = z.object({
  paymentId: Uuid,
  bookingId: Uuid,
  provider: z.string(),
  status: PaymentStatus,
  price: Money,
  refunded: Money,
  returnUrl: z.string().nullable().optional().meta({
    description: 'The address to which the pay page sends the buyer back; absent in earlier versions',
  }),
  createdAt: Instant,
});
export type SessionDataPayment = z.infer<typeof SessionDataPayment>;

/** A ticket of the session, and when and at which gate it was used. */
export const SessionDataTicket = z.object({
  ticketId: Uuid,
  bookingId: Uuid,
  seat: z.int(),
  usedAt: Instant.nullable(),
  usedGate: z.string().nullable(),
});
export type SessionDataTicket = z.infer<typeof SessionDataTicket>;

/** A mail about a booking of the session. */
export const SessionDataMail = z.object({
  bookingId: Uuid,
  kind: MailKind,
  status: MailStatus,
  to: z.string().nullable().meta({ description: 'The address; null after the mail was sent' }),
  createdAt: Instant,
  sentAt: Instant.nullable(),
});
export type SessionDataMail = z.infer<typeof SessionDataMail>;

/** One wait of the session in a line. */
export const SessionDataWait = z.object({
  showId: Id,
  line: LineName,
  ticket: z.int(),
  partySize: z.int(),
  tiers: z.array(z.string()).nullable(),
  joinedAt: Instant,
  outcome: z.string().nullable().meta({ description: 'How the wait ended; null while the session waits' }),
  endedAt: Instant.nullable(),
});
export type SessionDataWait = z.infer<typeof SessionDataWait>;

/** One stay of the session in a show whose entry is metered. */
export const SessionDataStay = z.object({
  showId: Id,
  admittedAt: Instant,
  until: Instant,
  isInside: z.boolean(),
  seenAt: Instant.nullable().meta({ description: 'When the session was last present, if this is still known' }),
});
export type SessionDataStay = z.infer<typeof SessionDataStay>;

/** An access code that the session used. The code itself is not stored. */
export const SessionDataCodeUse = z.object({ showId: Id, seats: z.int(), usedAt: Instant });
export type SessionDataCodeUse = z.infer<typeof SessionDataCodeUse>;

/** A browser to which the session has messages pushed. */
export const SessionDataPushSubscription = z.object({ endpoint: z.string(), createdAt: Instant });
export type SessionDataPushSubscription = z.infer<typeof SessionDataPushSubscription>;

/** A push message that is not delivered yet. */
export const SessionDataPushMessage = z.object({
  showId: Id,
  type: PushPayload.shape.type,
  bookingId: Uuid.nullable(),
  createdAt: Instant,
});
export type SessionDataPushMessage = z.infer<typeof SessionDataPushMessage>;

/** A challenge that the session has passed. The service keeps this for a day. */
export const SessionDataChallenge = z.object({ showId: Id, passedAt: Instant });
export type SessionDataChallenge = z.infer<typeof SessionDataChallenge>;

/** An idempotency key of the session. */
export const SessionDataKey = z.object({
  key: z.string(),
  createdAt: Instant,
  call: z
    .enum(['reservation', 'payment', 'line', 'other'])
    .optional()
    .meta({
      description:
        'The call that had the key. The keys of reservations and payments are kept with their bookings, and all other ' +
        'keys for a day. Absent in earlier versions',
    }),
  showId: Id.nullable().optional().meta({ description: 'Null if `call` is `other`. Absent in earlier versions' }),
});
export type SessionDataKey = z.infer<typeof SessionDataKey>;

/** A call of the session that the service did not simply admit, see {@link RiskCase}. It is deleted after a day. */
export const SessionDataRiskCase = RiskCase.omit({ sessionId: true });
export type SessionDataRiskCase = z.infer<typeof SessionDataRiskCase>;

/** Everything that the service has stored about a session. Each list begins with its newest rows. */
export const SessionData = z
  .object({
    sessionId: Uuid,
    exportedAt: Instant,
    isComplete: z.boolean().meta({
      description: `False if a list has more than ${sessionDataRowsMax} rows, so that its oldest rows are missing`,
    }),
    bookings: z.array(SessionDataBooking),
    payments: z.array(SessionDataPayment),
    tickets: z.array(SessionDataTicket),
    mails: z.array(SessionDataMail),
    waits: z.array(SessionDataWait),
    stays: z.array(SessionDataStay),
    accessCodeUses: z.array(SessionDataCodeUse).optional(),
    pushSubscriptions: z.array(SessionDataPushSubscription),
    pushMessages: z.array(SessionDataPushMessage),
    idempotencyKeys: z.array(SessionDataKey),
    challenges: z.array(SessionDataChallenge),
    riskCases: z.array(SessionDataRiskCase).optional().meta({ description: 'Absent in earlier versions' }),
  })
  .meta({ id: 'SessionData', description: 'Everything that the service has stored about a session' });
export type SessionData = z.infer<typeof SessionData>;

/** The result of an erasure, with a new session with which the client can continue. */
export const SessionErased = z
  .object({
    session: Session,
    keptBookings: z.array(Uuid).meta({
      description:
        'Paid bookings of the erased session. Their tickets stay valid. No session can open the bookings any more; ' +
        'a link from a mail and the box office still can',
    }),
  })
  .meta({ id: 'SessionErased', description: 'The result of an erasure, with a new session' });
export type SessionErased = z.infer<typeof SessionErased>;
