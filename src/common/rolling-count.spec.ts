import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RollingCount } from './rolling-count.js';

const windowMs = 1000;
const begin = 1_800_000_000_000;
const times = fc.array(fc.nat({ max: 5000 }), { maxLength: 30 });

const countOf = (events: readonly number[], now: number): number => {
  const count = new RollingCount(windowMs);
  for (const at of events.toSorted((a, b) => a - b)) count.add(begin + at);
  return count.at(begin + now);
};

describe('a rolling count', () => {
  it('counts all events of the last window, and none that are two windows old', () => {
    fc.assert(
      fc.property(times, (events) => {
        const counted = countOf(events, 5000);
        expect(counted).toBeGreaterThanOrEqual(events.filter((at) => at === 5000).length);
        expect(counted).toBeLessThanOrEqual(events.filter((at) => at > 5000 - 2 * windowMs).length);
      }),
    );
  });

  it('fades the events of the slot before', () => {
    expect(countOf([0, 0], 1000)).toBe(2);
    expect(countOf([0, 0], 1500)).toBe(1);
    expect(countOf([0, 0], 2000)).toBe(0);
  });

  it('is never lower with one more event', () => {
    fc.assert(
      fc.property(times, fc.nat({ max: 5000 }), (events, extra) => {
        expect(countOf([...events, extra], 5000)).toBeGreaterThanOrEqual(countOf(events, 5000));
      }),
    );
  });

  it('goes on counting if the clock is set back', () => {
    const count = new RollingCount(windowMs);
    count.add(begin + 2000);
    count.add(begin + 1990);
    expect(count.at(begin + 1995)).toBe(2);
  });
});
