import { describe, expect, it } from '@jest/globals';
import { EndedHolds } from './ended-holds.js';

const now = 1_800_000_000_000;
const after = (...holds: number[][]) => {
  const ended = new EndedHolds(60_000);
  for (const seats of holds) ended.record(now, seats);
  return ended;
};

describe('a session whose hold ended unpaid', () => {
  it('must wait before it holds the same seats again', () => {
    expect(after([1, 2]).waitMsFor(now + 1000, [2, 1])).toBe(59_000);
    expect(after([1, 2]).waitMsFor(now + 60_000, [1, 2])).toBe(0);
  });

  it('may hold other seats, seats with a neighbour, or fewer seats', () => {
    const ended = after([1, 2]);
    for (const seats of [[3, 4], [2, 3], [1, 2, 3], [1]]) expect(ended.waitMsFor(now, seats)).toBe(0);
  });

  it('cannot mix the seats of several holds to evade the rule', () => {
    expect(after([1, 2], [3, 4]).waitMsFor(now, [2, 3])).toBe(60_000);
  });

  it('cannot hide the hold behind many holds of single seats', () => {
    const others = Array.from({ length: 50 }, (_, n) => [n + 10]);
    expect(after([1, 2], ...others).waitMsFor(now, [1, 2])).toBe(60_000);
  });

  it('may hold them at once if the rule is off', () => {
    const ended = new EndedHolds(0);
    ended.record(now, [1]);
    expect(ended.waitMsFor(now, [1])).toBe(0);
  });
});
