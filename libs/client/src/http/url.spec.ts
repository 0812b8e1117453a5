import { expect, it } from '@jest/globals';
import { pathOf, queryOf } from './rest-client.js';

it('fills a path, whatever the value holds', () => {
  expect(pathOf('/v1/movies/{movieId}/showtimes', { movieId: 7 })).toBe('/v1/movies/7/showtimes');
  expect(pathOf('/v1/bookings/{bookingId}', { bookingId: '../x?' })).toBe('/v1/bookings/..%2Fx%3F');
});

it('asks for what is given and leaves out what is not', () => {
  expect(queryOf({ q: 'São & Paulo', limit: 5, cursor: undefined })).toBe('?q=S%C3%A3o+%26+Paulo&limit=5');
  expect(queryOf({ q: undefined })).toBe('');
});
