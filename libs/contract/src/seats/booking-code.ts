import { z } from 'zod';

/**
 * The characters of a code. There are no vowels, so no code reads as a word. There is no `0`, `1` or `L`, because
 * people confuse these with other characters.
 */
const alphabet = 'BCDFGHJKMNPQRSTVWXYZ23456789';

/**
 * Number of characters of a code, without the hyphen. 28^7 is greater than 2^32, so seven characters are enough for
 * eight hex digits.
 */
const codeLength = 7;

/**
 * Number of hex digits that a code encodes. They are the last digits of the `bookingId`, which are random in every id.
 */
const idDigitCount = 8;

/**
 * Converts a `bookingId` to the short code by which the box office finds the booking. The code follows from the id, so
 * the service does not store it. Two bookings can have the same code, and a code gives no access to a booking.
 *
 * @returns for example `D7M-2QDX`
 */
export function toBookingCode(bookingId: string): string {
  let rest = Number.parseInt(bookingId.slice(-idDigitCount), 16);
  let characters = '';
  for (let place = 0; place < codeLength; place++) {
    characters = (alphabet[rest % alphabet.length] ?? '') + characters;
    rest = Math.floor(rest / alphabet.length);
  }
  return `${characters.slice(0, 3)}-${characters.slice(3)}`;
}

/**
 * Parses a booking code that a person entered. This is the inverse of {@link toBookingCode}.
 *
 * @returns the last hex digits of the `bookingId`, or null if the text is not a code
 */
export function parseBookingCode(text: string): string | null {
  const values = Array.from(text.toUpperCase().replaceAll(/[\s-]/g, ''), (character) => alphabet.indexOf(character));
  if (values.length !== codeLength || values.includes(-1)) return null;
  const sum = values.reduce((total, value) => total * alphabet.length + value, 0);
  return sum < 16 ** idDigitCount ? sum.toString(16).padStart(idDigitCount, '0') : null;
}

/** A booking code in a query. Case, spaces and hyphens do not matter. Parsing gives the code its standard form. */
export const BookingCode = z
  .string()
  .max(32)
  .refine((text) => parseBookingCode(text) !== null, 'must be a booking’s code, for example D7M-2QDX')
  .transform((text) => toBookingCode(parseBookingCode(text) ?? ''))
  .meta({ description: 'The code of a booking', example: 'D7M-2QDX' });
