import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeSeats, encodeSeats } from './seat-map.js';

it('packs seat 0 into the lowest two bits of byte 0, and seat 4 into the lowest two bits of byte 1', () => {
  expect(encodeSeats(Uint8Array.of(1, 0, 0, 3, 2))).toBe(btoa(String.fromCharCode(0b11000001, 0b10)));
});

it('packs 2,000 seats into 668 characters', () => {
  expect(encodeSeats(new Uint8Array(2000)).length).toBe(668);
});

it('decodes the statuses that it encoded, for any number of seats', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 500 }), (seats) => {
      const statuses = Uint8Array.from(seats);
      expect(decodeSeats(encodeSeats(statuses), seats.length)).toEqual(statuses);
    }),
  );
});

it('refuses a map with the wrong length for the hall, and refuses text that is not base64', () => {
  expect(() => decodeSeats('AAAA', 5)).toThrow(RangeError);
  expect(() => decodeSeats('*', 4)).toThrow(RangeError);
});
