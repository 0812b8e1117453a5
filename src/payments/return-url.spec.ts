import { expect, it } from '@jest/globals';
import { checkReturnUrl } from './return-url.js';

const check = (returnUrl: string | undefined) => () =>
  checkReturnUrl(returnUrl, 'http://tickets.example', ['https://shop.example']);

it.each([
  undefined,
  'http://tickets.example/bookings/1?from=pay#top',
  // TLS may end before the service, which does not know of it then.
  'https://tickets.example/bookings/1',
  'https://shop.example/done',
])('leads back to %s', (returnUrl) => {
  expect(check(returnUrl)).not.toThrow();
});

it.each([
  'https://evil.example/',
  'https://tickets.example.evil.example/',
  'https://tickets.example@evil.example/',
  'https://tickets.example:8443/',
  'https://somebody:else@tickets.example/',
  'http://shop.example/done',
])('does not lead to %s', (returnUrl) => {
  expect(check(returnUrl)).toThrow(/must be a page of this service/);
});

it('leads nowhere for a caller whose Host is nonsense', () => {
  expect(() => checkReturnUrl('https://tickets.example/', 'http://[', [])).toThrow(/must be a page/);
});
