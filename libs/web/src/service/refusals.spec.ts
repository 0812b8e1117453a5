import { expect, it } from '@jest/globals';
import { UsherError } from '@usher/client';
import { createErrorBody } from '@usher/contract';
import { describeError } from './refusals.js';

const context = {
  nameSeats: (seats: readonly number[]) => `seats ${seats.map((seat) => `D${seat}`).join(', ')}`,
  timeZone: 'Europe/Berlin',
};

it('names the seats that were taken and those that are like them', () => {
  const body = createErrorBody('SEATS_TAKEN', 'taken', { seats: [12], alternative: [14, 15] });
  const refusal = describeError(UsherError.of(body), context);
  expect(refusal.text).toContain('seats D12');
  expect(refusal.text).toContain('seats D14, D15');
  expect(refusal).toMatchObject({ alternative: [14, 15], taken: [12] });
});

it('offers nothing where the server has nothing to offer', () => {
  const body = createErrorBody('SEATS_TAKEN', 'taken', { seats: [12], alternative: null });
  expect(describeError(UsherError.of(body), context)).toMatchObject({ alternative: null, taken: [12] });
});

it('shows the choice that leaves no single seat', () => {
  const body = createErrorBody('SINGLE_SEAT_GAP', 'gap', { alternative: [3, 4] });
  expect(describeError(UsherError.of(body), context).alternative).toEqual([3, 4]);
});

it('says when the sale opens on the cinema’s clocks', () => {
  const body = createErrorBody('SALE_CLOSED', 'closed', { opensAt: '2999-11-23T18:30:00.000Z', closesAt: null });
  expect(describeError(UsherError.of(body), context).text).toContain('23 November 2999, 19:30');
});

it.each([
  [createErrorBody('SHOW_FULL', 'x', { free: 1, canQueue: false }), 'Only 1 seat can'],
  [createErrorBody('SHOW_FULL', 'x', { free: 0, canQueue: true }), 'No such seat is free'],
  [createErrorBody('HOLD_LIMIT', 'x', { limit: 10 }), '10 seats'],
  [createErrorBody('RATE_LIMITED', 'x', { retryAfterMs: 1500 }), 'wait 2 seconds'],
  [createErrorBody('BUSY', 'The show is busy.', { retryAfterMs: 50 }), 'The show is busy. Please try again.'],
])('has its own words for $code', (body, words) => {
  expect(describeError(UsherError.of(body), context).text).toContain(words);
});

it('offers to stand in line exactly where one can', () => {
  const full = (canQueue: boolean) =>
    describeError(UsherError.of(createErrorBody('SHOW_FULL', 'x', { free: 1, canQueue })), { ...context, wanted: 2 });
  expect(full(true)).toMatchObject({ title: 'Not enough seats', canQueue: true });
  expect(full(true).text).toContain('stand in line');
  expect(full(false)).toMatchObject({ canQueue: false });
  expect(full(false).text).not.toContain('line');
});

it('says whose turn it is where more is free than was asked for', () => {
  const body = createErrorBody('SHOW_FULL', 'Others stand in line for the seats that are free.', {
    free: 2,
    canQueue: true,
  });
  expect(describeError(UsherError.of(body), { ...context, wanted: 2 })).toMatchObject({
    title: 'Others are before you',
  });
});

it('tells who waits to be let in from who does not', () => {
  const out = describeError(UsherError.of(createErrorBody('NOT_ADMITTED', 'x', { queue: null })));
  expect(out.text).toContain('Ask to be let in');
});

it.each([
  ['partySize', 'the hall has 4 such seats', 'The hall has 4 such seats. Ask for fewer.'],
  ['tiers', 'there is no tier royal', 'no seats at that price'],
  ['showId', 'must be positive', 'showId: must be positive'],
])('has words for a wish that cannot be met: %s', (path, message, words) => {
  const body = createErrorBody('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });
  expect(describeError(UsherError.of(body)).text).toContain(words);
});

it('tells an unreachable service from a late one', () => {
  expect(describeError(UsherError.network('x')).title).not.toBe(describeError(UsherError.timeout('x')).title);
});
