import { z } from 'zod';
import { Seat } from '../layouts/layout.js';
import { IdempotencyKey } from '../values/idempotency.js';
import { Id, IdParam, Uuid } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { nameSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';
import { TicketKeys } from './ticket-keys.js';
import { Disputed, Ticket, TicketStatus } from './tickets.js';

const checkInFields = {
  code: z
    .string()
    .min(1)
    .max(4096)
    .meta({
      description:
        'The code of a ticket, as its QR code contains it. If the show of the gate is known, the `ticketId` that is printed ' +
        'under the QR code is also accepted. Control characters, a byte-order mark, white space and a symbology identifier ' +
        '(`]Q1`) are ignored. Caps Lock and a wrong keyboard layout of the scanner are corrected',
    }),
  showId: Id.optional().meta({
    description:
      'The show to which this gate admits people. Without it, the gate admits to every show that its API key allows',
  }),
  gate: nameSchema(64).optional().meta({ description: 'The name of the gate (default: the name of its API key)' }),
};

/** Body of `POST /v1/tickets/check-ins`. */
export const CheckInBody = z.strictObject(checkInFields).meta({ id: 'CheckInBody' });
export type CheckInBody = z.infer<typeof CheckInBody>;

/**
 * The result of a check-in.
 *
 * - `admitted`: the person may enter. This happens only once per ticket.
 * - `used`: the ticket was already used at `usedAt`, at the gate `gate`.
 * - `refunded`: the seat was refunded, or its payment is disputed.
 * - `wrongShow`: the ticket is for a show to which this gate does not admit people.
 * - `notToday`: the show of the ticket is at another time.
 * - `forged`: the code was not made by this service.
 */
export const CheckInResult = z.enum(['admitted', 'used', 'refunded', 'wrongShow', 'notToday', 'forged']);
export type CheckInResult = z.infer<typeof CheckInResult>;

/**
 * The answer to a check-in. `ticket` is null for a forged code. It is also null if the result is `wrongShow` because the
 * show is outside the scope of the API key, for example a show of another cinema. If the gate sent a `ticketId` and the ticket does not
 * admit a person, the `code` of `ticket` is this `ticketId`. `usedAt` and `gate` are null unless the ticket was used
 * in this check-in or before it.
 */
export const CheckIn = z
  .object({
    result: CheckInResult,
    ticket: Ticket.nullable(),
    usedAt: Instant.nullable(),
    gate: z.string().nullable(),
  })
  .meta({ id: 'CheckIn' });
export type CheckIn = z.infer<typeof CheckIn>;

/** Query of `GET /v1/tickets/check-ins`. */
export const GateListQuery = z.object({ showId: IdParam });

/**
 * Everything that a gate needs to work without a network: the keys that verify codes, and all tickets of the gate's
 * show.
 */
export const GateList = z
  .object({
    showId: Id,
    startsAt: Instant,
    admits: z.object({ from: Instant, until: Instant }).meta({
      description:
        'The period in which tickets admit people, including both ends. At other times, the result is `notToday`',
    }),
    madeAt: Instant.meta({
      description: 'When the list was made. Tickets sold later are not in the list, but the keys verify their codes',
    }),
    keys: TicketKeys.shape.keys,
    tickets: z.array(
      z.object({
        ticketId: Uuid,
        seat: Seat,
        label: z.string(),
        status: TicketStatus,
        disputed: Disputed,
        usedAt: Instant.nullable(),
        gate: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'GateList' });
export type GateList = z.infer<typeof GateList>;

/** Maximum number of admissions in one upload of a gate. */
export const offlineCheckInsMax = 200;

/**
 * One person whom a gate admitted while the gate had no network. Unknown keys are ignored here. The admission has
 * already happened, so a misspelt key must not prevent the service from recording the admission.
 */
export const OfflineCheckIn = z.object({
  ...checkInFields,
  at: Instant.meta({ description: "When the gate admitted the person, by the gate's clock" }),
  key: IdempotencyKey.optional().meta({
    description:
      'Idempotency key of the admission. If the answer to an online check-in was lost, send the key of that check-in. If ' +
      'that check-in had succeeded, the answer is `admitted` and there is no conflict',
  }),
});
export type OfflineCheckIn = z.infer<typeof OfflineCheckIn>;

/** Body of `POST /v1/tickets/check-ins/offline`: the people whom a gate admitted while the gate had no network. */
export const OfflineCheckIns = z
  .strictObject({ checkIns: z.array(OfflineCheckIn).min(1).max(offlineCheckInsMax) })
  .meta({ id: 'OfflineCheckIns' });
export type OfflineCheckIns = z.infer<typeof OfflineCheckIns>;

/**
 * The results of an upload, one per entry and in the order of the entries. Every result except `admitted` is a
 * conflict: the person entered without a valid ticket. An entry that does not match its schema gets the result `forged`
 * with `issues`. The other entries are still recorded.
 *
 * A conflict is recorded at the first of these shows that is in the scope of the API key: `showId` of the entry, the show of
 * the key, the show of the ticket. If the entry or its ticket names a show and none of the three is in the scope, nothing is
 * recorded, and the item has `issues`.
 */
export const OfflineCheckInsDone = z
  .object({
    items: z.array(
      CheckIn.extend({
        issues: z
          .array(z.object({ path: z.string(), message: z.string() }))
          .optional()
          .meta({
            description:
              'What is wrong with the entry. Present if it does not match its schema, or if the service did not record ' +
              'it because its show is outside the scope of the API key',
          }),
      }).meta({ id: 'OfflineCheckInDone' }),
    ),
  })
  .meta({ id: 'OfflineCheckInsDone' });
export type OfflineCheckInsDone = z.infer<typeof OfflineCheckInsDone>;

/** Query of `GET /v1/tickets/check-ins/conflicts`. */
export const AdmissionConflictsQuery = PageQuery.extend({ showId: IdParam });

/**
 * A person whom a gate admitted without a valid ticket while the gate had no network, e.g. with a copy of a used
 * ticket.
 */
export const AdmissionConflict = z
  .object({
    conflictId: Uuid,
    showId: Id,
    ticketId: Uuid.nullable().meta({ description: 'The ticket; null if this service did not make the code' }),
    label: z.string().nullable().meta({ description: 'Label of the seat', example: 'D12' }),
    result: CheckInResult.exclude(['admitted']),
    at: Instant.meta({ description: "When the gate admitted the person, by the gate's clock" }),
    gate: z.string(),
    usedAt: Instant.nullable().meta({ description: 'When the ticket was first used; null unless `result` is `used`' }),
    usedGate: z.string().nullable().meta({ description: 'The gate at which the ticket was first used' }),
    recordedAt: Instant,
  })
  .meta({ id: 'AdmissionConflict' });
export type AdmissionConflict = z.infer<typeof AdmissionConflict>;
