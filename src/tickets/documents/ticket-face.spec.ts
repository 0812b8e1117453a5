import { expect, it } from '@jest/globals';
import { currencyDigits, saleCurrencies, type Ticket } from '@usher/contract';
import { createTicketFace } from './ticket-face.js';

const ticket: Ticket = {
  ticketId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  bookingId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072',
  showId: 1,
  seat: 0,
  label: 'A1',
  code: 'code',
  status: 'valid',
};
const show = {
  movie: { title: 'A film' },
  cinema: { name: 'Roxy', address: '1 High Street', postalCode: '1000', timeZone: 'UTC' },
  hall: { name: 'Hall 1' },
  startsAt: '2026-12-24T19:00:00.000Z',
};
const layout = { seats: [] };

it('a ticket shows a price in any currency with as many decimals as ISO 4217 defines', () => {
  const digitsOf = (text: string) => /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
  const printed = saleCurrencies.map((currency) => {
    const { price } = createTicketFace(ticket, show, layout, { amount: 123_456_789, currency });
    return [currency, digitsOf(price)];
  });
  expect(printed).toEqual(saleCurrencies.map((currency) => [currency, currencyDigits(currency)]));
});
