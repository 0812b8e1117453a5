import { expect, it } from '@jest/globals';
import { parseBookingLink, parseLinks } from './booking-links.js';

const bookingId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';

it('finds the booking and the token in the address of a link from an e-mail', () => {
  expect(parseBookingLink({ pathname: `/bookings/${bookingId}`, hash: '#access=booking.a.b-c_d' })).toEqual({
    bookingId,
    token: 'booking.a.b-c_d',
  });
});

it.each([
  [`/bookings/${bookingId}`, ''],
  [`/bookings/${bookingId}`, '#access='],
  [`/bookings/${bookingId}`, '#tickets'],
  ['/bookings', '#access=booking.a.b.c'],
  ['/shows/1', '#access=booking.a.b.c'],
])('finds no link in the address %s%s', (pathname, hash) => {
  expect(parseBookingLink({ pathname, hash })).toBeNull();
});

it.each([null, 'no JSON', '[]', '3', '{"a":1}'])('reads no link from the stored text %j', (stored) => {
  expect(parseLinks(stored)).toEqual({});
});

it('keeps only the newest 50 links', () => {
  const links = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`booking ${number}`, 'token']));
  expect(Object.keys(parseLinks(JSON.stringify(links)))).toEqual(Object.keys(links).slice(10));
});
