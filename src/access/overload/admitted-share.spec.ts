import { describe, expect, it } from '@jest/globals';
import { AdmittedShare } from './admitted-share.js';

const limitMs = 100;

function after(...waits: number[]): number {
  const share = new AdmittedShare(limitMs);
  for (const waitMs of waits) share.observe(waitMs);
  return share.current;
}

describe('AdmittedShare', () => {
  it('admits all work if at most two measurements in a row exceed the limit', () => {
    expect(after(0, 5000, 0, 5000, 5000, 0)).toBe(1);
  });

  it('admits less work the longer the overload lasts, but always some', () => {
    const over = [0, 3, 4, 5, 50].map((count) => after(...Array<number>(count).fill(101)));
    expect(over).toEqual(over.toSorted((a, b) => b - a));
    expect(new Set(over).size).toBe(over.length);
    expect(over.at(-1)).toBeGreaterThan(0);
  });

  it('admits all work again after the overload has ended', () => {
    expect(after(...Array<number>(50).fill(101), ...Array<number>(30).fill(0))).toBe(1);
  });

  it('settles near the share at which waiting times stay below the limit', () => {
    // This node can do 4 of 10 pieces of work. If it admits more, the waiting time exceeds the limit.
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
