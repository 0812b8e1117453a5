import { expect, it } from '@jest/globals';
import { UsherError } from '@usher/client';
import { createErrorBody } from '@usher/contract';
import { describeError } from './refusals.js';

const context = {
  nameSeats: (seats: readonly number[]) => `seats ${seats.map((seat) => `D${seat}`).join(', ')}`,
  timeZone: 'Europe/Berlin',
};

it('names the taken seats and similar free seats', () => {
  const body = createErrorBody('SEATS_TAKEN', 'taken', { seats: [12], alternative: [14, 15] });
  const refusal = describeError(UsherError.of(body), context);
  expect(refusal.text).toContain('seats D12');
  expect(refusal.text).toContain('seats D14, D15');
  expect(refusal).toMatchObject({ alternativeSeats: [14, 15], takenSeats: [12] });
});

it('suggests no seats if the service suggests none', () => {
  const body = createErrorBody('SEATS_TAKEN', 'taken', { seats: [12], alternative: null });
  expect(describeError(UsherError.of(body), context)).toMatchObject({ alternativeSeats: null, takenSeats: [12] });
});

it('suggests seats that leave no isolated free seat', () => {
  const body = createErrorBody('SINGLE_SEAT_GAP', 'gap', { alternative: [3, 4] });
  expect(describeError(UsherError.of(body), context).alternativeSeats).toEqual([3, 4]);
});

it('says when the sale starts, in the time zone of the cinema', () => {
  const body = createErrorBody('SALE_CLOSED', 'closed', { opensAt: '2999-11-23T18:30:00.000Z', closesAt: null });
  expect(describeError(UsherError.of(body), context).text).toContain('23 November 2999, 19:30');
});

it.each([
  [createErrorBody('SHOW_FULL', 'x', { free: 1, canQueue: false }), 'Only 1 seat can'],
  [createErrorBody('SHOW_FULL', 'x', { free: 0, canQueue: true }), 'No such seat is free'],
  [createErrorBody('HOLD_LIMIT', 'x', { limit: 10 }), '10 seats'],
  [createErrorBody('ADDRESS_LIMIT', 'x', { limit: 60 }), 'Other buyers at your network address'],
  [
    createErrorBody('COOL_DOWN', 'Choose other seats, or wait.', { retryAfterMs: 1500 }),
    'Choose other seats, or wait.',
  ],
  [createErrorBody('RATE_LIMITED', 'x', { retryAfterMs: 1500 }), 'wait 2 seconds'],
  [createErrorBody('BUSY', 'The show is busy.', { retryAfterMs: 50 }), 'The show is busy. Please try again.'],
])('describes $code with its own text', (body, words) => {
  expect(describeError(UsherError.of(body), context).text).toContain(words);
});

it('suggests the line only if the buyer can join it', () => {
  const full = (canQueue: boolean) =>
    describeError(UsherError.of(createErrorBody('SHOW_FULL', 'x', { free: 1, canQueue })), {
      ...context,
      requestedCount: 2,
    });
  expect(full(true)).toMatchObject({ title: 'Not enough seats', canJoinLine: true });
  expect(full(true).text).toContain('join the line');
  expect(full(false)).toMatchObject({ canJoinLine: false });
  expect(full(false).text).not.toContain('line');
});

it('says that others are ahead if enough seats are free', () => {
  const body = createErrorBody('SHOW_FULL', 'Others stand in line for the seats that are free.', {
    free: 2,
    canQueue: true,
  });
  expect(describeError(UsherError.of(body), { ...context, requestedCount: 2 })).toMatchObject({
    title: 'Others are ahead of you',
  });
});

it.each([
  ['usedUp', null, 'already been used'],
  ['early', '2031-05-01T18:00:00.000Z', 'can be used from Thursday 1 May 2031, 20:00 on.'],
  ['expired', null, 'no longer valid'],
  ['revoked', null, 'revoked'],
] as const)('says why an access code cannot be used: %s', (reason, validFrom, words) => {
  const body = createErrorBody('CODE_UNUSABLE', 'x', { reason, validFrom });
  expect(describeError(UsherError.of(body), context).text).toContain(words);
});

it('tells a buyer to enter an access code', () => {
  expect(describeError(UsherError.of(createErrorBody('CODE_REQUIRED', 'x', {}))).text).toContain('Enter your code');
});

it('tells a buyer outside the line to ask for entry', () => {
  const out = describeError(UsherError.of(createErrorBody('NOT_ADMITTED', 'x', { queue: null })));
  expect(out.text).toContain('Ask to enter');
});

it.each([
  ['partySize', 'the hall has 4 such seats', 'The hall has 4 such seats. Ask for fewer seats.'],
  ['tiers', 'there is no tier royal', 'no longer has seats at that price'],
  ['showId', 'must be positive', 'showId: must be positive'],
])('describes an invalid request: %s', (path, message, words) => {
  const body = createErrorBody('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });
  expect(describeError(UsherError.of(body)).text).toContain(words);
});

it('distinguishes an unreachable service from a slow one', () => {
  expect(describeError(UsherError.network('x')).title).not.toBe(describeError(UsherError.timeout('x')).title);
});
