import { expect, it } from '@jest/globals';
import { shouldAnnouncePlace } from './place-announcement.js';

it('immediately announces the first place, and that the buyer is next', () => {
  expect(shouldAnnouncePlace({ ahead: null, at: 0 }, 120, 1)).toBe(true);
  expect(shouldAnnouncePlace({ ahead: 120, at: 0 }, 0, 1)).toBe(true);
});

it('announces no place twice, and announces nothing if there is no place', () => {
  expect(shouldAnnouncePlace({ ahead: 5, at: 0 }, 5, 90_000)).toBe(false);
  expect(shouldAnnouncePlace({ ahead: 5, at: 0 }, null, 90_000)).toBe(false);
});

it('announces only a few places while the line moves step by step', () => {
  let last = { ahead: 1000, at: 0 };
  let times = 0;
  for (let ahead = 999; ahead > 0; ahead--) {
    const at = (1000 - ahead) * 100;
    if (!shouldAnnouncePlace(last, ahead, at)) continue;
    last = { ahead, at };
    times++;
  }
  expect(times).toBeGreaterThan(0);
  expect(times).toBeLessThan(6);
});

it('announces each of the last steps, but not within seconds of the previous announcement', () => {
  expect(shouldAnnouncePlace({ ahead: 3, at: 0 }, 2, 21_000)).toBe(true);
  expect(shouldAnnouncePlace({ ahead: 3, at: 0 }, 2, 5_000)).toBe(false);
});
