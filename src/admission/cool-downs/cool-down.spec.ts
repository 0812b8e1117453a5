import { describe, expect, it } from '@jest/globals';
import { CoolDown } from './cool-down.js';

const begin = 1_800_000_000_000;
const minute = 60_000;
const rules = {
  firstWaitMs: 30_000,
  waitMsMax: 600_000,
  freeChanges: 5,
  freeHolds: 2.5,
  unpaidWindowMs: 60 * minute,
  freePerBooking: 1,
};

/** Records rounds and returns the waits after each of them. */
function waitsAfter(count: number, { everyMs, heldShare }: { everyMs: number; heldShare: number }): number[] {
  const coolDown = new CoolDown(rules);
  return Array.from({ length: count }, (_, n) => {
    const now = begin + n * everyMs;
    coolDown.recordUnpaid(now, { beginsRound: true, heldShare });
    return coolDown.waitMs(now);
  });
}

describe('a cool-down', () => {
  it('lets a buyer change seats five times in ten minutes', () => {
    expect(waitsAfter(5, { everyMs: 2 * minute, heldShare: 0.4 })).toEqual([0, 0, 0, 0, 0]);
  });

  it('begins with the sixth change, and each further change doubles it up to a maximum', () => {
    const waits = waitsAfter(12, { everyMs: 1000, heldShare: 0 });
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waits.slice(5)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  it('begins with the third hold that expires within an hour', () => {
    const waits = waitsAfter(4, { everyMs: 6 * minute, heldShare: 1 });
    expect(waits[1]).toBe(0);
    expect(waits[2]).toBeGreaterThan(0);
    expect(waits[3]).toBeGreaterThan(waits[2]!);
  });

  it('counts the time by which payments lengthened the holds', () => {
    expect(waitsAfter(2, { everyMs: 8 * minute, heldShare: 1.4 })).toEqual([0, 30_000]);
  });

  it('counts the time of a hold that begins no round, but not as a change', () => {
    const [onlyTime, nothing] = [new CoolDown(rules), new CoolDown(rules)];
    for (let n = 0; n < 3; n++) onlyTime.recordUnpaid(begin, { beginsRound: false, heldShare: 1 });
    for (let n = 0; n < 20; n++) nothing.recordUnpaid(begin, { beginsRound: false, heldShare: 0 });
    expect([onlyTime.waitMs(begin), nothing.waitMs(begin)]).toEqual([30_000, 0]);
  });

  it.each([0.1, 0.25, 0.5, 0.9, 1])(
    'stops a session that renews holds after %d of their length, however long it goes on',
    (heldShare) => {
      const coolDown = new CoolDown(rules);
      let [heldMs, now] = [0, begin];
      for (const end = begin + 24 * 60 * minute; now < end;) {
        now += coolDown.waitMs(now);
        now += heldShare * 5 * minute;
        heldMs += heldShare * 5 * minute;
        coolDown.recordUnpaid(now, { beginsRound: true, heldShare });
      }
      expect(heldMs / (now - begin)).toBeLessThan(0.4);
    },
  );

  it('allows more to a buyer who also pays', () => {
    const coolDown = new CoolDown(rules);
    coolDown.recordBooking(begin);
    for (let n = 0; n < 6; n++) coolDown.recordUnpaid(begin, { beginsRound: true, heldShare: 0 });
    expect(coolDown.waitMs(begin)).toBe(0);
  });
});
