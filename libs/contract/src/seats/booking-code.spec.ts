import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BookingCode, toBookingCode, parseBookingCode } from './booking-code.js';

it('gives every booking a code of seven characters, from which the last digits of the booking id can be parsed', () => {
  fc.assert(
    fc.property(fc.uuid({ version: 7 }), (bookingId) => {
      const code = toBookingCode(bookingId);
      expect(code).toMatch(/^[B-DF-HJKMNP-TV-Z2-9]{3}-[B-DF-HJKMNP-TV-Z2-9]{4}$/);
      expect(parseBookingCode(code)).toBe(bookingId.slice(-8));
    }),
  );
});

it('accepts a code in upper or lower case, with or without hyphen and spaces', () => {
  const code = toBookingCode('019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071');
  for (const written of [code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' - ')} `]) {
    expect(BookingCode.parse(written)).toBe(code);
  }
});

it.each(['', 'D7M-2QD', 'D7M-2QDXX', 'A7M-2QDX', 'D7M-2QD0', '999-9999', '01a22a01-37e4'])('refuses %j', (text) => {
  expect(BookingCode.safeParse(text).success).toBe(false);
});
