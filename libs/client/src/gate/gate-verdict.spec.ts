import { describe, expect, it } from '@jest/globals';
import type { GateList, TicketCode } from '@usher/contract';
import { decideOffline } from './gate-verdict.js';

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
const ticketOf = (ticketId: string, seat: number, showId = 7): TicketCode => ({
  ticketId,
  seat,
  showId,
  label: `A${seat + 1}`,
  startsAt: list.startsAt,
});
const decide = (ticket: TicketCode | null, now = evening, admitted = new Map<string, { at: string; gate: string }>()) =>
  decideOffline({ list, admitted }, ticket, now);

describe('a gate that decides with its list', () => {
  it.each([
    ['admits a valid ticket', decide(ticketOf('valid', 0)), 'admitted'],
    ['admits a verified ticket that was sold after the list was made', decide(ticketOf('new', 9)), 'admitted'],
    ['refuses a refunded ticket', decide(ticketOf('refunded', 2)), 'refunded'],
    ['refuses a ticket of another show', decide(ticketOf('valid', 0, 8)), 'wrongShow'],
    ['detects a code that none of the keys signed', decide(null), 'forged'],
    ['detects a ticket whose seat differs from its seat on the list', decide(ticketOf('valid', 5)), 'forged'],
    [
      'admits a ticket in the first millisecond of the day of the show',
      decide(ticketOf('valid', 0), Date.parse(list.admits.from)),
      'admitted',
    ],
    [
      'refuses a ticket before the day of the show',
      decide(ticketOf('valid', 0), Date.parse(list.admits.from) - 1),
      'notToday',
    ],
    [
      'refuses a ticket after the day of the show',
      decide(ticketOf('valid', 0), Date.parse(list.admits.until) + 1),
      'notToday',
    ],
  ])('%s', (_, { result }, expected) => {
    expect(result).toBe(expected);
  });

  it('distinguishes a disputed payment from a refund', () => {
    expect(decide(ticketOf('disputed', 3))).toMatchObject({ result: 'refunded', isDisputed: true });
    expect(decide(ticketOf('refunded', 2))).toMatchObject({ result: 'refunded', isDisputed: false });
  });

  it('returns when and where a ticket was used, according to the list or its own admissions, even on another day', () => {
    const admitted = new Map([['valid', { at: '2031-03-30T18:59:00.000Z', gate: 'North' }]]);
    const monthLater = evening + 30 * 86_400_000;
    expect(decide(ticketOf('used', 1), monthLater)).toEqual({
      result: 'used',
      label: 'A2',
      usedAt: '2031-03-30T18:10:00.000Z',
      gate: 'East',
      isDisputed: false,
    });
    expect(decide(ticketOf('valid', 0), monthLater, admitted)).toEqual({
      result: 'used',
      label: 'A1',
      usedAt: '2031-03-30T18:59:00.000Z',
      gate: 'North',
      isDisputed: false,
    });
  });
});
