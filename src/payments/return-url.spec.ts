import { expect, it } from '@jest/globals';
import { checkReturnUrl } from './return-url.js';

const check = (returnUrl: string | undefined) => () =>
  checkReturnUrl(returnUrl, 'http://tickets.example', ['https://shop.example']);

it.each([
  undefined,
  'http://tickets.example/bookings/1?from=pay#top',
  // A proxy may end TLS, so the service may see http while the buyer uses https.
  'https://tickets.example/bookings/1',
  'https://shop.example/done',
])('accepts the return URL %s', (returnUrl) => {
  expect(check(returnUrl)).not.toThrow();
});

it.each([
  'https://evil.example/',
  'https://tickets.example.evil.example/',
  'https://tickets.example@evil.example/',
  'https://tickets.example:8443/',
  'https://somebody:else@tickets.example/',
  'http://shop.example/done',
])('refuses the return URL %s', (returnUrl) => {
  expect(check(returnUrl)).toThrow(/must be a page of this service/);
});

it('refuses every return URL if the Host header is invalid', () => {
  expect(() => checkReturnUrl('https://tickets.example/', 'http://[', [])).toThrow(/must be a page/);
});
