import { z } from 'zod';

/** A catalog id: a positive integer. Path and query parameters arrive as text, so digits are accepted there too. */
export const Id = z.int().positive().meta({ description: 'Catalog id', example: 42 });

/** {@link Id} where it comes as text, in a path or a query. Only plain digits: `1e3`, ` 7` and `0x1` are refused. */
export const IdParam = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'must be a positive integer')
  .transform(Number);

/** `sessionId`, `bookingId`, `paymentId`, `ticketId`: a UUIDv7 in lower-case text form. */
export const Uuid = z
  .uuid()
  .toLowerCase()
  .meta({ description: 'UUIDv7', example: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071' });

/** An instant: ISO-8601, UTC, milliseconds, e.g. `2026-11-23T18:30:00.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-23T18:30:00.000Z' });

/** An instant as it is handed in, in any offset; it becomes an {@link Instant}. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'must be an ISO-8601 time with its offset, as 2026-12-24T20:15:00+01:00' })
  .transform((time) => new Date(time).toISOString());

/** A calendar day without a time zone, e.g. `2026-11-23`. */
export const CalendarDay = z.iso.date().meta({ example: '2026-11-23' });

/** An amount in the currency's minor unit (cents), never a fraction. */
export const Money = z
  .object({ amount: z.int(), currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO-4217 code') })
  .meta({
    id: 'Money',
    description: "Amount in the currency's minor unit",
    example: { amount: 1250, currency: 'EUR' },
  });
export type Money = z.infer<typeof Money>;

/** A seat: its position in the layout's `seats` array, from 0. The layout says which label stands for it. */
export const Seat = z.int().meta({ description: "Position in the hall layout's seats array, from 0", example: 112 });

/** A show's version: 0 at first, plus exactly one with every committed change of its seats. */
export const Version = z.int().nonnegative().meta({ description: "The show's version", example: 17 });

/**
 * Counts the changes of a show's terms: its time and place, prices, sale window, rules, waiting room, and its call-off. A
 * client that knows a lower number missed a `show:changed` and reads the show again.
 */
export const TermsVersion = z
  .int()
  .nonnegative()
  .meta({ description: "Number of changes of the show's terms so far; higher than the client's: read the show again" });

/** Text of a tier of seats ("standard", "premium" …), a key of the show's prices. */
export const Tier = z.string().min(1).max(64);

/** What a seat is. `companion` stands beside a wheelchair place; `restrictedView` is sold as any other. */
export const SeatKind = z.enum(['standard', 'wheelchair', 'companion', 'restrictedView']);
export type SeatKind = z.infer<typeof SeatKind>;

/**
 * Text of at most `length` characters that PostgreSQL can store: it has no place for the NUL character, and half a
 * surrogate pair is not text.
 */
export const text = (length: number) =>
  z
    .string()
    .max(length)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must be text without NUL or broken surrogates');
