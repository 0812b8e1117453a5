import { expect, it } from '@jest/globals';
import { describeAhead, describeChance, describeLineEnd, describeWait, summarizeLine } from './line-text.js';

it.each([
  [{ from: 0, to: 0 }, 'less than a minute'],
  [{ from: 20, to: 45 }, 'less than a minute'],
  [{ from: 60, to: 60 }, 'about 1 minute'],
  [{ from: 20, to: 200 }, 'up to 4 minutes'],
  [{ from: 170, to: 350 }, 'about 3 to 6 minutes'],
  [{ from: 600, to: 600 }, 'about 10 minutes'],
  [{ from: 3500, to: 5400 }, 'about 58 to 90 minutes'],
  [{ from: 8000, to: 14000 }, 'about 2 to 4 hours'],
])('describes the wait %j', (eta, words) => {
  expect(describeWait(eta)).toBe(words);
});

it('returns null if the wait is unknown', () => {
  expect(describeWait(null)).toBeNull();
});

it('says how many people are ahead', () => {
  expect([0, 1, 7].map(describeAhead)).toEqual([
    'You are next',
    '1 person is ahead of you',
    '7 people are ahead of you',
  ]);
});

it('has a separate text for each chance in each line', () => {
  const words = (['likely', 'unlikely', 'none'] as const).flatMap((chance) => [
    describeChance({ line: 'seats', chance }),
    describeChance({ line: 'entry', chance }),
  ]);
  expect(new Set(words).size).toBe(6);
});

it('distinguishes a lapsed offer from a lapsed admission', () => {
  expect(describeLineEnd({ line: 'seats', reason: 'offerLapsed' }).text).toMatch(/seats/);
  expect(describeLineEnd({ line: 'entry', reason: 'offerLapsed' }).text).toMatch(/let in/);
});

it('summarises the status of a wait for the window title', () => {
  expect(summarizeLine({ queue: { ahead: 7 }, offer: null, access: 'open' })).toBe('7 ahead');
  expect(summarizeLine({ queue: { ahead: 0 }, offer: null, access: 'waiting' })).toBe('Next');
  expect(summarizeLine({ queue: { ahead: null }, offer: null, access: 'waiting' })).toBe('Waiting');
  expect(summarizeLine({ queue: null, offer: null, access: 'waiting' })).toBe('Your turn');
  expect(summarizeLine({ queue: null, offer: null, access: 'open' })).toBeUndefined();
});
