import { expect, it } from '@jest/globals';
import { PerShow } from './per-show.js';

it('the values of shows are created once, and only a bounded number of them is kept', () => {
  const shows = new PerShow(3, () => ({ calls: 0 }));
  expect(shows.find(1)).toBeNull();
  for (const showId of [1, 2, 3, 1, 3]) shows.of(showId).calls++;
  expect([1, 2, 3].map((showId) => shows.find(showId)?.calls)).toEqual([2, 1, 2]);
  shows.of(4);
  expect([1, 2, 3, 4].filter((showId) => shows.find(showId))).toEqual([1, 3, 4]);
});
