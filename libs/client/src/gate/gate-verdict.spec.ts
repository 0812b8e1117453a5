import { describe, expect, it } from '@jest/globals';
import type { GateList, TicketCode } from '@usher/contract';
import { judge } from './gate-verdict.js';

const list: GateList = {
  showId: 7,
  startsAt: '2031-03-30T19:30:00.000Z',
  admits: { from: '2031-03-29T23:00:00.000Z', until: '2031-03-30T21:59:59.999Z' },
  madeAt: '2031-03-30T18:00:00.000Z',
  keys: [],
  tickets: [
    { ticketId: 'valid', seat: 0, label: 'A1', status: 'valid', usedAt: null, gate: null },
    { ticketId: 'used', seat: 1, label: 'A2', status: 'used', usedAt: '2031-03-30T18:10:00.000Z', gate: 'East' },
    { ticketId: 'refunded', seat: 2, label: 'A3', status: 'refunded', usedAt: null, gate: null },
    { ticketId: 'disputed', seat: 3, label: 'A4', status: 'refunded', usedAt: null, gate: null, disputed: true },
  ],
};
const evening = Date.parse('2031-03-30T19:00:00.000Z');
const said = (ticketId: string, seat: number, showId = 7): TicketCode => ({
  ticketId,
  seat,
  showId,
  label: `A${seat + 1}`,
  startsAt: list.startsAt,
});
const say = (code: TicketCode | null, now = evening, entered = new Map<string, { at: string; gate: string }>()) =>
  judge({ list, entered }, code, now);

describe('a gate that goes by its list', () => {
  it.each([
    ['lets in a valid ticket', say(said('valid', 0)), 'admitted'],
    ['lets in one that verifies and was sold after the list was made', say(said('new', 9)), 'admitted'],
    ['knows one that was given back', say(said('refunded', 2)), 'refunded'],
    ['knows another show’s', say(said('valid', 0, 8)), 'wrongShow'],
    ['sees through what no key signed', say(null), 'forged'],
    ['sees through a ticket with another seat than it was sold', say(said('valid', 5)), 'forged'],
    ['lets in in the first millisecond of the day', say(said('valid', 0), Date.parse(list.admits.from)), 'admitted'],
    ['lets nobody in before', say(said('valid', 0), Date.parse(list.admits.from) - 1), 'notToday'],
    ['lets nobody in afterwards', say(said('valid', 0), Date.parse(list.admits.until) + 1), 'notToday'],
  ])('%s', (_, { result }, expected) => {
    expect(result).toBe(expected);
  });

  it('tells a disputed payment from seats that were given back', () => {
    expect(say(said('disputed', 3))).toMatchObject({ result: 'refunded', isDisputed: true });
    expect(say(said('refunded', 2))).toMatchObject({ result: 'refunded', isDisputed: false });
  });

  it('says when and where a ticket was used, by the list or by itself, whatever day it is', () => {
    const entered = new Map([['valid', { at: '2031-03-30T18:59:00.000Z', gate: 'North' }]]);
    const monthLater = evening + 30 * 86_400_000;
    expect(say(said('used', 1), monthLater)).toEqual({
      result: 'used',
      label: 'A2',
      usedAt: '2031-03-30T18:10:00.000Z',
      gate: 'East',
      isDisputed: false,
    });
    expect(say(said('valid', 0), monthLater, entered)).toEqual({
      result: 'used',
      label: 'A1',
      usedAt: '2031-03-30T18:59:00.000Z',
      gate: 'North',
      isDisputed: false,
    });
  });
});
