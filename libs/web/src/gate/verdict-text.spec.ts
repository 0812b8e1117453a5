import { expect, it } from '@jest/globals';
import { type GateAnswer, UsherError } from '@usher/client';
import { describeFault, describeAnswer } from './verdict-text.js';

const answer = (result: GateAnswer['result'], more: Partial<GateAnswer> = {}): GateAnswer => ({
  result,
  label: 'D12',
  usedAt: null,
  gate: null,
  isDisputed: false,
  isOffline: false,
  isRepaired: false,
  ...more,
});

it('says where and when a ticket was used, as far as that is known', () => {
  const usedAt = new Date(2031, 2, 30, 20, 15).toISOString();
  expect(describeAnswer(answer('used', { usedAt, gate: 'North' })).text).toBe('Seat D12: let in at 20:15 at North.');
  expect(describeAnswer(answer('used', { usedAt })).text).toBe('Seat D12: let in at 20:15.');
});

it('tells each answer from every other by words and by mark', () => {
  const all = (['admitted', 'used', 'wrongShow', 'notToday', 'refunded', 'forged'] as const).map((result) =>
    describeAnswer(answer(result)),
  );
  expect(new Set(all.map(({ title }) => title)).size).toBe(6);
  expect(all.map(({ kind }) => kind)).toEqual(['in', 'out', 'out', 'out', 'out', 'out']);
  expect(describeAnswer(answer('admitted', { isOffline: true })).text).toContain('without the network');
  expect(describeAnswer(answer('admitted', { isRepaired: true })).text).toContain('another keyboard layout');
});

it('never calls a fault a refusal', () => {
  const faults = [UsherError.network('gone'), UsherError.timeout('late'), new Error('odd'), 7];
  expect(faults.map((fault) => describeFault(fault).kind)).toEqual(['fault', 'fault', 'fault', 'fault']);
});

it('tells a disputed payment from seats that were given back', () => {
  expect(describeAnswer(answer('refunded')).title).toBe('Refunded');
  expect(describeAnswer(answer('refunded', { isDisputed: true })).title).toBe('Payment disputed');
});
