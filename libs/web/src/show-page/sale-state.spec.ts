import { expect, it } from '@jest/globals';
import { getSaleState, getSaleStateDurationMs } from './sale-state.js';

const opensAt = Date.UTC(2026, 11, 1, 10);
const closesAt = Date.UTC(2026, 11, 2, 20);
const times = {
  calledOff: false,
  saleOpensAt: new Date(opensAt).toISOString(),
  saleClosesAt: new Date(closesAt).toISOString(),
};

it('opens and closes the sale at its times, and closes it for good when the show is called off', () => {
  const states = [opensAt - 1, opensAt, closesAt - 1, closesAt].map((now) => getSaleState(times, now));
  expect(states).toEqual(['upcoming', 'open', 'open', 'over']);
  expect(getSaleState({ ...times, saleOpensAt: null }, opensAt - 1)).toBe('open');
  expect(getSaleState({ ...times, calledOff: true }, opensAt)).toBe('calledOff');
});

it('returns how long a state lasts', () => {
  expect([opensAt - 5, opensAt, closesAt].map((now) => getSaleStateDurationMs(times, now))).toEqual([
    5,
    closesAt - opensAt,
    null,
  ]);
  expect(getSaleStateDurationMs({ ...times, calledOff: true }, opensAt - 5)).toBeNull();
});
