import { expect, it } from '@jest/globals';
import { CountSignal } from './count-signal.js';

it('a count gives points only beyond its free number, and not more than its maximum', () => {
  const weights = { name: 'velocity', windowMs: 10_000, free: 3, each: 5, max: 12, noun: 'calls in 10 s' } as const;
  const signal = new CountSignal(weights);
  const points = Array.from({ length: 7 }, () => {
    signal.add(5000);
    return signal.points(5000);
  });
  expect(points).toEqual([0, 0, 0, 5, 10, 12, 12]);
  expect(signal.describe(5000)).toBe('7 calls in 10 s');
  expect(signal.points(25_000)).toBe(0);
});
