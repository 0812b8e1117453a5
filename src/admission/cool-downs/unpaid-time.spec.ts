import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnpaidTime } from './unpaid-time.js';

const hold = fc
  .record({ from: fc.nat({ max: 60 }), length: fc.nat({ max: 20 }) })
  .map(({ from, length }) => ({ from, to: from + length }));

it('the unpaid time is the union of all holds, in any order', () => {
  fc.assert(
    fc.property(fc.array(hold, { maxLength: 60 }), (holds) => {
      const time = new UnpaidTime();
      const counted = holds.reduce((sum, { from, to }) => sum + time.add(from, to), 0);
      const seconds = holds.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));
      expect(counted).toBe(new Set(seconds).size);
    }),
  );
});

it('a session with very many holds has at least the unpaid time of their union', () => {
  const time = new UnpaidTime();
  for (let n = 0; n < 200; n++) expect(time.add(2 * n, 2 * n + 1)).toBe(1);
  expect(time.add(0, 400)).toBeGreaterThanOrEqual(200);
});
