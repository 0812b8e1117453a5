import { z } from 'zod';

/** Consonants and digits that people neither confuse nor read as a word: no vowels, no `0`, `1` and `L`. */
const alphabet = 'BCDFGHJKMNPQRSTVWXYZ23456789';

/** Digits of a code. 28^7 is more than 2^32. */
const length = 7;

/** How many hex digits at the end of a `bookingId` a code stands for. They are random in every id. */
const idDigits = 8;

/**
 * The short code of a booking, for people: the box office finds the booking by it. It follows from the `bookingId`, so it
 * needs no store, but two bookings may have the same code. It gives no access.
 *
 * @returns for example `D7M-2QDX`
 */
export function toBookingCode(bookingId: string): string {
  let rest = Number.parseInt(bookingId.slice(-idDigits), 16);
  let digits = '';
  for (let place = 0; place < length; place++) {
    digits = (alphabet[rest % alphabet.length] ?? '') + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return `${digits.slice(0, 3)}-${digits.slice(3)}`;
}

/** The last hex digits of the ids that have a code; null if the text is not a code. The opposite of {@link toBookingCode}. */
export function parseBookingCode(text: string): string | null {
  const digits = Array.from(text.toUpperCase().replaceAll(/[\s-]/g, ''), (digit) => alphabet.indexOf(digit));
  if (digits.length !== length || digits.includes(-1)) return null;
  const value = digits.reduce((sum, digit) => sum * alphabet.length + digit, 0);
  return value < 16 ** idDigits ? value.toString(16).padStart(idDigits, '0') : null;
}

/** A booking's code in a query. Capitals, spaces and hyphens do not matter. It becomes the code as bookings have it. */
export const BookingCode = z
  .string()
  .max(32)
  .refine((text) => parseBookingCode(text) !== null, 'must be a booking’s code, for example D7M-2QDX')
  .transform((text) => toBookingCode(parseBookingCode(text) ?? ''))
  .meta({ description: 'The code of a booking', example: 'D7M-2QDX' });
