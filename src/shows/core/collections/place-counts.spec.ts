import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { PlaceCounts } from './place-counts.js';

it('counts the waiters at lower places, even for a place beyond the last one', () => {
  const counts = new PlaceCounts();
  for (const place of [1, 3, 4]) counts.add(place, 1);
  expect([1, 2, 3, 4, 5, 1000].map((place) => counts.below(place))).toEqual([0, 1, 1, 2, 3, 3]);
  counts.add(3, -1);
  expect([3, 4, 5].map((place) => counts.below(place))).toEqual([1, 1, 2]);
});

// Places around the powers of two, at which the tree grows.
const place = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(62, 63, 64, 65, 127, 128, 129, 1023, 1024, 5000),
);

it('counts the same as a list, in any order of additions and removals', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 60 }), fc.array(place, { maxLength: 20 }), (steps, asked) => {
      const counts = new PlaceCounts();
      const taken = new Set<number>();
      for (const one of steps) {
        counts.add(one, taken.has(one) ? -1 : 1);
        if (!taken.delete(one)) taken.add(one);
      }
      for (const one of [...asked, ...steps, ...steps.map((step) => step + 1)]) {
        expect(counts.below(one)).toBe([...taken].filter((other) => other < one).length);
      }
    }),
    { numRuns: testRuns({ short: 100, long: 1000 }) },
  );
});
