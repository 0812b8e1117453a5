import { expect, it } from '@jest/globals';
import { isAdmissionTime } from './opening.js';

const berlin = { startsAt: '2026-11-27T19:00:00.000Z', endsAt: '2026-11-27T21:00:00.000Z', timeZone: 'Europe/Berlin' };
const late = { startsAt: '2026-11-27T22:30:00.000Z', endsAt: '2026-11-28T00:30:00.000Z', timeZone: 'Europe/Berlin' };
const midnight = {
  startsAt: '2026-11-27T23:15:00.000Z',
  endsAt: '2026-11-28T01:00:00.000Z',
  timeZone: 'Europe/Berlin',
};

it.each([
  ['admits in the morning of the day of the show', berlin, '2026-11-27T08:00:00Z', true],
  ['admits in the first minute of that day, by the local time of the cinema', berlin, '2026-11-26T23:00:00Z', true],
  ['does not admit a minute before that day begins', berlin, '2026-11-26T22:59:00Z', false],
  ['admits in the last minute of that day, by the local time of the cinema', berlin, '2026-11-27T22:59:00Z', true],
  ['does not admit on the next day', berlin, '2026-11-27T23:00:00Z', false],
  ['does not admit a week before the show', berlin, '2026-11-20T19:00:00Z', false],
  ['admits after midnight while the show still runs', late, '2026-11-28T00:20:00Z', true],
  ['does not admit after midnight when the show has ended', late, '2026-11-28T00:31:00Z', false],
  ['admits on the evening before a show that begins after midnight', midnight, '2026-11-27T21:15:00Z', true],
  [
    'does not admit in the morning of the day before a show that begins after midnight',
    midnight,
    '2026-11-27T08:00:00Z',
    false,
  ],
])('a ticket %s', (_, show, now, expected) => {
  expect(isAdmissionTime(show, Date.parse(now))).toBe(expected);
});
