import { describe, expect, it } from '@jest/globals';
import { HoldAndDrop } from './hold-and-drop.js';
import { sessionDrops } from './weights.js';

const now = 1_800_000_000_000;
const observe = ({ rounds = 0, bookings = 0, ignored = 0 }) => {
  const signal = new HoldAndDrop(sessionDrops);
  for (let n = 0; n < rounds; n++) signal.recordRound(now);
  for (let n = 0; n < bookings; n++) signal.recordBooking(now);
  for (let n = 0; n < ignored; n++) signal.recordIgnoredCoolDown(now);
  return signal.points(now);
};

describe('holds that end unpaid', () => {
  it('give no points to a buyer who changes seats a few times', () => {
    expect(observe({ rounds: 6 })).toBe(0);
  });

  it('give points if they go on', () => {
    expect(observe({ rounds: 8 })).toBe(12);
    expect(observe({ rounds: 100 })).toBe(40);
  });

  it('give fewer points to a session that also pays', () => {
    expect(observe({ rounds: 8, bookings: 1 })).toBe(0);
  });

  it('give points for calls during a cool-down, but not for a few of them', () => {
    expect(observe({ ignored: 3 })).toBe(0);
    expect(observe({ rounds: 100, ignored: 100 })).toBe(70);
  });
});
