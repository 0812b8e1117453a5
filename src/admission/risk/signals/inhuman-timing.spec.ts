import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InhumanTiming } from './inhuman-timing.js';

const begin = 1_800_000_000_000;

/** Returns the points after calls with these pauses in ms. */
function pointsAfter(gapsMs: readonly number[]): number {
  const timing = new InhumanTiming();
  let now = begin;
  timing.recordCall(now);
  for (const gapMs of gapsMs) timing.recordCall((now += gapMs));
  return timing.points(now);
}

const repeat = (gapMs: number, count: number) => Array.from({ length: count }, () => gapMs);

describe('the timing of calls', () => {
  it('gives points for many pauses that are shorter than a hand can make', () => {
    expect(pointsAfter(repeat(20, 15))).toBe(20);
    expect(pointsAfter(repeat(20, 50))).toBe(40);
  });

  it('gives points for many equal pauses, as of a timer', () => {
    expect(pointsAfter(repeat(2000, 14))).toBe(9);
    expect(pointsAfter(repeat(2000, 60))).toBe(30);
  });

  it('gives no points for a client that sends ten calls at once', () => {
    expect(pointsAfter(repeat(1, 10))).toBe(0);
  });

  it('gives no points for a fast hand', () => {
    const gaps = fc.sample(fc.integer({ min: 300, max: 1800 }), { numRuns: 40, seed: 7 });
    expect(pointsAfter(gaps)).toBe(0);
  });

  it('gives few points for one hold that comes at once after a start', () => {
    const timing = new InhumanTiming();
    timing.recordEarlyHold(begin);
    expect(timing.points(begin)).toBe(10);
  });
});
