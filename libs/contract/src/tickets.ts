import { z } from 'zod';
import { IdempotencyKey } from './idempotency.js';
import { PageQuery } from './catalog.js';
import { Id, IdParam, Instant, nameSchema, Seat, textSchema, Uuid } from './primitives.js';

/** `valid` admits once; then it is `used`. The ticket of a seat that was given back is `refunded`. */
export const TicketStatus = z.enum(['valid', 'used', 'refunded']);
export type TicketStatus = z.infer<typeof TicketStatus>;

/** Present and true where the bank of the buyer has taken the money back: the ticket admits nobody meanwhile. */
const disputed = z.literal(true).optional().meta({
  description:
    'The payment is disputed (chargeback); `status` is `refunded` while it is, or where the dispute was lost',
});

/** The right to one seat of a booked booking. */
export const Ticket = z
  .object({
    ticketId: Uuid,
    bookingId: Uuid,
    showId: Id,
    seat: Seat,
    label: z.string().meta({ example: 'D12' }),
    /** Compact JWS (EdDSA) with the payload {@link TicketCode}: what the QR says. */
    code: z.string(),
    status: TicketStatus,
    disputed,
    wallets: z
      .object({ apple: z.string().nullable(), google: z.string().nullable() })
      .optional()
      .meta({
        description:
          'Paths of its pass (`.pkpass`) and of its link for phones’ wallets, each null where there are no keys for that ' +
          'wallet or the seat was given back; absent where there are keys for none',
      }),
  })
  .meta({ id: 'Ticket' });
export type Ticket = z.infer<typeof Ticket>;

/** Path of one ticket. */
export const TicketParams = z.object({ bookingId: Uuid, ticketId: Uuid });

/** Where a browser saves a ticket to its wallet. */
export const WalletLink = z.object({ url: z.url() }).meta({ id: 'WalletLink' });
export type WalletLink = z.infer<typeof WalletLink>;

/** What a ticket's code says; anybody can verify it with the keys at `/v1/tickets/keys`. */
export const TicketCode = z.object({
  ticketId: Uuid,
  showId: Id,
  seat: Seat,
  label: z.string(),
  /** When the show was to start when the code was made. */
  startsAt: Instant,
});
export type TicketCode = z.infer<typeof TicketCode>;

/** The public keys that codes verify with, newest first (JWKS, RFC 7517). */
export const TicketKeys = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'TicketKeys' });
export type TicketKeys = z.infer<typeof TicketKeys>;

/** A key that signs, or signed, ticket codes. */
export const TicketKey = z
  .object({
    kid: z.string(),
    /** Whether new codes are signed by it; one key does. */
    signs: z.boolean(),
    createdAt: Instant,
  })
  .meta({ id: 'TicketKey' });
export type TicketKey = z.infer<typeof TicketKey>;

export const TicketKeyParams = z.object({ kid: textSchema(64).min(1) });

/** How tickets are laid out: A4 sheets to cut, or a roll of 80 mm as kiosks print on. */
export const Paper = z.enum(['a4', 'roll80']);
export type Paper = z.infer<typeof Paper>;

/** `GET /v1/bookings/:bookingId/tickets`. */
export const TicketsQuery = z.object({ paper: Paper.default('a4') });

const checkInFields = {
  code: z
    .string()
    .min(1)
    .max(4096)
    .meta({
      description:
        "A ticket's code, as its QR has it; or the `ticketId` printed under the code, if the show of the gate is known. " +
        'Control characters, a byte-order mark, white space and a symbology identifier (`]Q1`) are ignored. Caps Lock and ' +
        'a wrong keyboard layout of the scanner are undone.',
    }),
  showId: Id.optional().meta({
    description: 'The show that this gate serves now; without it the one of its key, or any',
  }),
  gate: nameSchema(64).optional().meta({ description: 'What the gate is called; without it the name of its key' }),
};

/** `POST /v1/tickets/check-ins`. */
export const CheckInBody = z.strictObject(checkInFields).meta({ id: 'CheckInBody' });
export type CheckInBody = z.infer<typeof CheckInBody>;

/**
 * `admitted`: let in, for the first and only time. `used`: was let in before, at `usedAt` by `gate`. `wrongShow`: good,
 * but not at this gate. `notToday`: good, but on another day. `forged`: not a code of this service.
 */
export const CheckInResult = z.enum(['admitted', 'used', 'refunded', 'wrongShow', 'notToday', 'forged']);
export type CheckInResult = z.infer<typeof CheckInResult>;

/** What a check-in answers. `ticket` is null for a forged code, `usedAt` and `gate` unless it was let in, now or before. */
export const CheckIn = z
  .object({
    result: CheckInResult,
    ticket: Ticket.nullable(),
    usedAt: Instant.nullable(),
    gate: z.string().nullable(),
  })
  .meta({ id: 'CheckIn' });
export type CheckIn = z.infer<typeof CheckIn>;

/** `GET /v1/tickets/check-ins`. */
export const GateListQuery = z.object({ showId: IdParam });

/** All that a gate needs to go on without the network: the keys, and every ticket of its show. */
export const GateList = z
  .object({
    showId: Id,
    startsAt: Instant,
    /** When its tickets let in, both included; at other times they are `notToday`. */
    admits: z.object({ from: Instant, until: Instant }),
    /** The list is of this moment; what was sold since verifies by the keys and is not on it. */
    madeAt: Instant,
    keys: TicketKeys.shape.keys,
    tickets: z.array(
      z.object({
        ticketId: Uuid,
        seat: Seat,
        label: z.string(),
        status: TicketStatus,
        disputed,
        usedAt: Instant.nullable(),
        gate: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'GateList' });
export type GateList = z.infer<typeof GateList>;

/** How many admissions a gate hands in at once. */
export const offlineCheckInsMax = 200;

/**
 * One person whom a gate admitted while it had no network. Unknown keys are ignored here: the admission has happened, so
 * a misspelt key must not keep it from being recorded.
 */
export const OfflineCheckIn = z.object({
  ...checkInFields,
  at: Instant.meta({ description: "When the gate admitted the person, by the gate's clock" }),
  key: IdempotencyKey.optional().meta({
    description:
      'Idempotency key of the admission. Send the key of an online check-in whose answer was lost: if that check-in ' +
      'succeeded, the answer is `admitted` and no conflict.',
  }),
});
export type OfflineCheckIn = z.infer<typeof OfflineCheckIn>;

/** `POST /v1/tickets/check-ins/offline`: the people whom a gate admitted while it had no network. */
export const OfflineCheckIns = z
  .strictObject({ checkIns: z.array(OfflineCheckIn).min(1).max(offlineCheckInsMax) })
  .meta({ id: 'OfflineCheckIns' });
export type OfflineCheckIns = z.infer<typeof OfflineCheckIns>;

/**
 * One answer per entry, in the order of the entries. Every answer but `admitted` is a conflict: the person entered without
 * a right to. An entry that does not match its schema is answered `forged` with `issues`; the other entries still count.
 */
export const OfflineCheckInsDone = z
  .object({
    items: z.array(
      CheckIn.extend({
        issues: z
          .array(z.object({ path: z.string(), message: z.string() }))
          .optional()
          .meta({ description: 'Present if the entry does not match its schema: what is wrong with it' }),
      }).meta({ id: 'OfflineCheckInDone' }),
    ),
  })
  .meta({ id: 'OfflineCheckInsDone' });
export type OfflineCheckInsDone = z.infer<typeof OfflineCheckInsDone>;

/** `GET /v1/tickets/check-ins/conflicts`. */
export const AdmissionConflictsQuery = PageQuery.extend({ showId: IdParam });

/** One person whom a gate without network admitted although the ticket did not entitle them, e.g. a copied ticket. */
export const AdmissionConflict = z
  .object({
    conflictId: Uuid,
    showId: Id,
    ticketId: Uuid.nullable().meta({ description: 'Null if the code is not one of this service' }),
    label: z.string().nullable().meta({ description: 'Label of the seat', example: 'D12' }),
    result: CheckInResult.exclude(['admitted']),
    at: Instant.meta({ description: "When the gate admitted the person, by the gate's clock" }),
    gate: z.string(),
    usedAt: Instant.nullable().meta({ description: 'When the ticket was used first, for the result `used`' }),
    usedGate: z.string().nullable().meta({ description: 'The gate where the ticket was used first' }),
    recordedAt: Instant,
  })
  .meta({ id: 'AdmissionConflict' });
export type AdmissionConflict = z.infer<typeof AdmissionConflict>;
