import { describe, expect, it } from '@jest/globals';
import {
  callOff,
  commitBatch,
  emptyState,
  tick,
  joinLine,
  refusalOf,
} from '../../../../test/simulation/fixtures/commands.js';
import { startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { giveBack, offers, soldOut, tinyShow, waiting } from '../../../../test/simulation/fixtures/tiny-hall.js';
import type { Command } from '../commands/command.js';

describe('joining the line for seats', () => {
  const terms = tinyShow();

  it('is followed by an offer at once if fitting seats are free', () => {
    const state = emptyState(terms);
    const { outcomes } = commitBatch(state, terms, [joinLine('ann', 2)], startAt);
    expect(outcomes[0]).toMatchObject({ type: 'inLine', waiter: { lineTicket: 1 }, at: { ahead: 0, waiting: 1 } });
    expect(offers(state)[0]?.[0]).toBe('ann');
  });

  it('returns the place that the session already has, even if the new request is different', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 1)], startAt);
    const { outcomes, changes } = commitBatch(state, terms, [joinLine('ben', 3)], startAt + 1);
    expect(outcomes[0]).toMatchObject({ waiter: { lineTicket: 2, partySize: 1 }, at: { ahead: 1 } });
    expect(changes).toEqual([]);
  });

  it('is refused if the new request is impossible, and the session keeps the place that it already has', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2)], startAt);
    const { outcomes, changes } = commitBatch(state, terms, [joinLine('ann', 1, { tiers: ['royal'] })], startAt + 1);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'tiers' }] });
    expect(changes).toEqual([]);
  });

  it.each<[string, Command, object]>([
    ['no seats', joinLine('ann', 0), { code: 'INVALID_SEATS' }],
    ['more seats than one reservation may have', joinLine('ann', 11), { code: 'INVALID_SEATS', limit: 10 }],
    ['more seats than the hall has', joinLine('ann', 8), { code: 'INVALID_REQUEST', issues: [{ path: 'partySize' }] }],
    ['more wheelchair places than there are', joinLine('ann', 2, { kind: 'wheelchair' }), { code: 'INVALID_REQUEST' }],
    [
      'an unknown tier',
      joinLine('ann', 1, { tiers: ['royal'] }),
      { code: 'INVALID_REQUEST', issues: [{ path: 'tiers' }] },
    ],
  ])('is refused for %s and does not change the line', (_, command, refusal) => {
    const state = soldOut(terms);
    const { outcomes, changes } = commitBatch(state, terms, [command], startAt + 1);
    expect(refusalOf(outcomes[0])).toMatchObject(refusal);
    expect(changes).toEqual([]);
  });

  it.each([
    ['before the sale', { saleOpensAt: startAt + 1000 }],
    ['after the sale', { saleClosesAt: startAt }],
    ['after the show was called off', { calledOff: true }],
  ])('is refused %s', (_, other) => {
    const { outcomes } = commitBatch(emptyState(terms), tinyShow(other), [joinLine('ann')], startAt);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'SALE_CLOSED' });
  });
});

describe('a wait in the line for seats', () => {
  const terms = tinyShow({ holdMs: 1_000_000, saleClosesAt: startAt + 30_000 });

  it('ends after the maximum time and not before', () => {
    const state = soldOut(terms);
    const patient = { ...terms, queueWaitMs: 20_000 };
    commitBatch(state, patient, [joinLine('ann')], startAt + 1);
    expect(commitBatch(state, patient, [tick], startAt + 20_000).changes).toEqual([]);
    const { changes } = commitBatch(state, patient, [tick], startAt + 20_001);
    expect(changes).toMatchObject([{ type: 'left', sessionId: 'ann', kind: 'expire', reason: 'maxWait' }]);
  });

  it('ends when the sale ends, like all other waits', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    const { changes } = commitBatch(state, terms, [tick], startAt + 30_000);
    expect(changes).toMatchObject([
      { sessionId: 'ann', kind: 'expire', reason: 'saleClosed' },
      { sessionId: 'ben', kind: 'expire', reason: 'saleClosed' },
    ]);
  });

  it('ends when the show is called off, and nobody is offered the freed seats', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    commitBatch(state, terms, [callOff, ...giveBack(0, 1)], startAt + 2);
    expect(waiting(state)).toEqual([]);
    expect(offers(state)).toEqual([]);
  });

  it('may end some batches after the sale if many sessions wait, but nobody gets an offer in the meantime', () => {
    const state = soldOut(terms);
    const many = Array.from({ length: 10_005 }, (_, nth) => joinLine(`session-${nth}`));
    const quick = { ...terms, signReceipt: () => 'receipt' };
    commitBatch(state, quick, many, startAt + 1);
    commitBatch(state, quick, giveBack(0, 1), startAt + 30_000);
    expect(state.lines.seats.waiting).toBeGreaterThan(0);
    let hasMoreWork = true;
    while (hasMoreWork) ({ hasMoreWork } = commitBatch(state, quick, [tick], startAt + 30_000));
    expect(waiting(state)).toEqual([]);
    expect(offers(state)).toEqual([]);
  });
});
