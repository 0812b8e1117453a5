import { expect, it } from '@jest/globals';
import { type GateAnswer, UsherError } from '@usher/client';
import { describeAnswer, describeFault } from './verdict-text.js';

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

it('says when and where a ticket was used, if this is known', () => {
  const usedAt = new Date(2031, 2, 30, 20, 15).toISOString();
  expect(describeAnswer(answer('used', { usedAt, gate: 'North' })).text).toBe('Seat D12: admitted at 20:15 at North.');
  expect(describeAnswer(answer('used', { usedAt })).text).toBe('Seat D12: admitted at 20:15.');
});

it('describes each answer with its own title, and says how the code was checked', () => {
  const all = (['admitted', 'used', 'wrongShow', 'notToday', 'refunded', 'forged'] as const).map((result) =>
    describeAnswer(answer(result)),
  );
  expect(new Set(all.map(({ title }) => title)).size).toBe(6);
  expect(all.map(({ kind }) => kind)).toEqual(['in', 'out', 'out', 'out', 'out', 'out']);
  expect(describeAnswer(answer('admitted', { isOffline: true })).text).toContain('Checked offline');
  expect(describeAnswer(answer('admitted', { isRepaired: true })).text).toContain('another keyboard layout');
});

it('describes a ticket of another cinema, whose seat the service does not state', () => {
  expect(describeAnswer(answer('wrongShow', { label: null })).text).toBe('This ticket is valid for another show.');
});

it('never shows a failed check as a refused ticket', () => {
  const faults = [UsherError.network('gone'), UsherError.timeout('late'), new Error('odd'), 7];
  expect(faults.map((fault) => describeFault(fault).kind)).toEqual(['fault', 'fault', 'fault', 'fault']);
});

it('distinguishes a disputed payment from a refund', () => {
  expect(describeAnswer(answer('refunded')).title).toBe('Refunded');
  expect(describeAnswer(answer('refunded', { isDisputed: true })).title).toBe('Payment disputed');
});
