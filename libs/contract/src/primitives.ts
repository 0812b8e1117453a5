import { z } from 'zod';
import { nameSchema } from './texts.js';

export { isSingleLine, nameSchema, proseSchema, singleLineSchema, textSchema, webAddressSchema } from './texts.js';

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

const isBetween = (from: string, to: string) => {
  const [first, end] = [Date.parse(from), Date.parse(to)];
  return (time: string): boolean => Date.parse(time) >= first && Date.parse(time) < end;
};

/** From the years before the first film up to a time that every calendar and PostgreSQL can hold. */
const isKnownTime = isBetween('1880-01-01T00:00:00Z', '2200-01-01T00:00:00Z');
const knownTimeError = 'must be in the years 1880 to 2199';

/** Shows are planned in these years. */
const isShowTime = isBetween('2000-01-01T00:00:00Z', '2200-01-01T00:00:00Z');

/** An instant: ISO-8601, UTC, milliseconds, e.g. `2026-11-23T18:30:00.000Z`, in the years 1880 to 2199. */
export const Instant = z.iso
  .datetime({ precision: 3, abort: true })
  .refine(isKnownTime, knownTimeError)
  .meta({ example: '2026-11-23T18:30:00.000Z' });

/** No place on earth is further from UTC than 14 hours; ISO-8601 and other programs stop at 18. */
const hasPossibleOffset = (time: string): boolean => {
  const [, hours, minutes] = /[+-](\d\d):?(\d\d)$/.exec(time) ?? [];
  return hours === undefined || Number(hours) * 60 + Number(minutes) <= 18 * 60;
};

const momentWhere = (isInRange: (time: string) => boolean, error: string) =>
  z.iso
    .datetime({
      offset: true,
      abort: true,
      error: 'must be an ISO-8601 time with its offset, as 2026-12-24T20:15:00+01:00',
    })
    .refine(hasPossibleOffset, { error: 'must have an offset of at most 18 hours', abort: true })
    .refine(isInRange, error)
    .transform((time) => new Date(time).toISOString());

/** An instant as it is handed in, in any offset and in the years 1880 to 2199; it becomes an {@link Instant}. */
export const InstantInput = momentWhere(isKnownTime, knownTimeError);

/** A {@link InstantInput} of a show: when it starts, or when its sale opens or closes. In the years 2000 to 2199. */
export const ShowInstantInput = momentWhere(isShowTime, 'must be in the years 2000 to 2199');

/** A calendar day without a time zone, e.g. `2026-11-23`, in the years 1880 to 2199. */
export const CalendarDay = z.iso
  .date({ abort: true })
  .refine((day) => isKnownTime(`${day}T00:00:00Z`), knownTimeError)
  .meta({ example: '2026-11-23' });

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
export const Tier = nameSchema(64);

/** What a seat is. `companion` stands beside a wheelchair place; `restrictedView` is sold as any other. */
export const SeatKind = z.enum(['standard', 'wheelchair', 'companion', 'restrictedView']);
export type SeatKind = z.infer<typeof SeatKind>;
