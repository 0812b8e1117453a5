import { expect, it } from '@jest/globals';
import { fillPath, queryString } from './url.js';

it('escapes the values that it puts into a path', () => {
  expect(fillPath('/v1/movies/{movieId}/showtimes', { movieId: 7 })).toBe('/v1/movies/7/showtimes');
  expect(fillPath('/v1/bookings/{bookingId}', { bookingId: '../x?' })).toBe('/v1/bookings/..%2Fx%3F');
});

it('leaves undefined values out of a query', () => {
  expect(queryString({ q: 'São & Paulo', limit: 5, cursor: undefined })).toBe('?q=S%C3%A3o+%26+Paulo&limit=5');
  expect(queryString({ q: undefined })).toBe('');
});
