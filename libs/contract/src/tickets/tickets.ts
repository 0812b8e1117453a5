import { z } from 'zod';
import { Seat } from '../layouts/layout.js';
import { Id, Uuid } from '../values/ids.js';
import { Instant } from '../values/times.js';

/**
 * The status of a ticket. A `valid` ticket admits one person once. After that, it is `used`. The ticket of a refunded
 * seat is `refunded`.
 */
export const TicketStatus = z.enum(['valid', 'used', 'refunded']);
export type TicketStatus = z.infer<typeof TicketStatus>;

/** Present and true if the buyer's bank has taken the money back. Such a ticket admits nobody. */
export const Disputed = z.literal(true).optional().meta({
  description:
    'The payment is disputed (chargeback). During the dispute, and after a lost dispute, `status` is `refunded`',
});

/** A ticket: the right to use one seat of a booked booking. */
export const Ticket = z
  .object({
    ticketId: Uuid,
    bookingId: Uuid,
    showId: Id,
    seat: Seat,
    label: z.string().meta({ example: 'D12' }),
    code: z.string().meta({
      description: 'The text of the QR code: a compact JWS (EdDSA) with the payload `TicketCode`',
    }),
    status: TicketStatus,
    disputed: Disputed,
    wallets: z
      .object({ apple: z.string().nullable(), google: z.string().nullable() })
      .optional()
      .meta({
        description:
          'The paths of the Apple Wallet pass (`.pkpass`) and of the Google Wallet link. A path is null if the service has no ' +
          'key for that wallet, or if the seat was refunded. Absent if the service has no key for any wallet',
      }),
  })
  .meta({ id: 'Ticket' });
export type Ticket = z.infer<typeof Ticket>;

/** Path parameters of an endpoint for one ticket. */
export const TicketParams = z.object({ bookingId: Uuid, ticketId: Uuid });

/** A link that saves a ticket to the buyer's Google Wallet. */
export const WalletLink = z.object({ url: z.url() }).meta({ id: 'WalletLink' });
export type WalletLink = z.infer<typeof WalletLink>;

/** The payload of a ticket's code. Anyone can verify the code with the keys at `/v1/tickets/keys`. */
export const TicketCode = z.object({
  ticketId: Uuid,
  showId: Id,
  seat: Seat,
  label: z.string(),
  startsAt: Instant.meta({ description: 'The start of the show, as it was planned when the code was made' }),
});
export type TicketCode = z.infer<typeof TicketCode>;

/** The paper of printed tickets: A4 sheets to cut, or the 80 mm roll of a kiosk's printer. */
export const Paper = z.enum(['a4', 'roll80']);
export type Paper = z.infer<typeof Paper>;

/** Query of `GET /v1/bookings/:bookingId/tickets`. */
export const TicketsQuery = z.object({ paper: Paper.default('a4') });
