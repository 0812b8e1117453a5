import { describe, expect, it } from '@jest/globals';
import { AdmittedShare } from './admitted-share.js';

const limitMs = 100;

function after(...waits: number[]): number {
  const share = new AdmittedShare(limitMs);
  for (const waitMs of waits) share.observe(waitMs);
  return share.current;
}

describe('AdmittedShare', () => {
  it('takes everything while one long task is all there is', () => {
    expect(after(0, 5000, 0, 5000, 5000, 0)).toBe(1);
  });

  it('takes less the longer work waits too long, and never nothing', () => {
    const over = [0, 3, 4, 5, 50].map((count) => after(...Array<number>(count).fill(101)));
    expect(over).toEqual(over.toSorted((a, b) => b - a));
    expect(new Set(over).size).toBe(over.length);
    expect(over.at(-1)).toBeGreaterThan(0);
  });

  it('takes everything again once work does not wait', () => {
    expect(after(...Array<number>(50).fill(101), ...Array<number>(30).fill(0))).toBe(1);
  });

  it('finds the share at which work waits no longer than it may, and stays near it', () => {
    // A node that can do 4 of 10: work waits by what is taken beyond that.
    const share = new AdmittedShare(limitMs);
    const taken: number[] = [];
    for (let window = 0; window < 400; window++) {
      share.observe(share.current > 0.4 ? 150 : 50);
      if (window >= 100) taken.push(share.current);
    }
    const mean = taken.reduce((sum, one) => sum + one, 0) / taken.length;
    expect(mean).toBeGreaterThan(0.3);
    expect(mean).toBeLessThan(0.45);
    expect(Math.min(...taken)).toBeGreaterThan(0.25);
  });
});
