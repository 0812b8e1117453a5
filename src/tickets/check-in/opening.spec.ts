import { expect, it } from '@jest/globals';
import { admitsAt } from './opening.js';

const berlin = { startsAt: '2026-11-27T19:00:00.000Z', endsAt: '2026-11-27T21:00:00.000Z', timeZone: 'Europe/Berlin' };
const late = { startsAt: '2026-11-27T22:30:00.000Z', endsAt: '2026-11-28T00:30:00.000Z', timeZone: 'Europe/Berlin' };
const midnight = {
  startsAt: '2026-11-27T23:15:00.000Z',
  endsAt: '2026-11-28T01:00:00.000Z',
  timeZone: 'Europe/Berlin',
};

it.each([
  ['in the morning of its day', berlin, '2026-11-27T08:00:00Z', true],
  ['in the first minute of its day there', berlin, '2026-11-26T23:00:00Z', true],
  ['a minute before that', berlin, '2026-11-26T22:59:00Z', false],
  ['in the last minute of its day there', berlin, '2026-11-27T22:59:00Z', true],
  ['on the next day', berlin, '2026-11-27T23:00:00Z', false],
  ['a week before', berlin, '2026-11-20T19:00:00Z', false],
  ['after midnight, while it is on', late, '2026-11-28T00:20:00Z', true],
  ['when it is over', late, '2026-11-28T00:31:00Z', false],
  ['on the evening before one that begins after midnight', midnight, '2026-11-27T21:15:00Z', true],
  ['in the morning before that evening', midnight, '2026-11-27T08:00:00Z', false],
])('%s', (_, show, now, admits) => {
  expect(admitsAt(show, Date.parse(now))).toBe(admits);
});
