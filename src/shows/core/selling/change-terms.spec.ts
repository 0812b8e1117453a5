import { describe, expect, it } from '@jest/globals';
import {
  book as bookCommand,
  bookingOf,
  callOff,
  commitBatch,
  emptyState,
  tick,
  joinLine,
  refusalOf,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { hasLineWork } from '../waiting/entry-line.js';
import type { Command, RefundCommand, TermsPatch } from '../commands/command.js';
import { termsAfterChange } from '../log/terms-after.js';
import { isTermsChange } from '../log/change-kinds.js';
import type { ShowChange } from '../log/show-change.js';
import type { ShowTerms } from '../model/show-terms.js';

const minute = 60_000;
const hour = 60 * minute;
const terms = smallShow();
const by = { keyId: 'k1', name: 'Office' };
const change = (patch: TermsPatch, reason: string | null = null): Command => ({
  type: 'changeTerms',
  terms: patch,
  reason,
  by,
});
const noticed = (changes: readonly ShowChange[]) => changes.filter(isTermsChange);

describe('a change of terms', () => {
  it('is logged with the previous values, its number, its reason and its actor', () => {
    const { changes } = commitBatch(
      emptyState(terms),
      terms,
      [change({ prices: { standard: 1, premium: 2 } }, 'a mistake')],
      startAt,
    );
    expect(changes).toEqual([
      {
        type: 'termsChanged',
        terms: expect.objectContaining({ prices: { standard: 1, premium: 2 }, startsAt: terms.startsAt }),
        before: { prices: terms.prices },
        termsVersion: 1,
        reason: 'a mistake',
        by,
      },
    ]);
  });

  it('leaves no entry in the log if it changes nothing', () => {
    const same = { prices: { premium: 1250, standard: 900 }, startsAt: terms.startsAt, rules: { ...terms.rules } };
    expect(commitBatch(emptyState(terms), terms, [change(same)], startAt).changes).toEqual([]);
  });

  it('moves the end of the show with its start, and the close of the sale if the sale closes at the start', () => {
    const startsAt = terms.startsAt + hour;
    const { changes } = commitBatch(emptyState(terms), terms, [change({ startsAt, durationMs: 90 * minute })], startAt);
    expect(noticed(changes)[0]).toMatchObject({
      terms: { startsAt, endsAt: startsAt + 90 * minute, saleClosesAt: startsAt },
      before: { startsAt: terms.startsAt, endsAt: terms.endsAt, saleClosesAt: terms.startsAt },
    });
    const fixed = smallShow({ saleClosesAt: terms.startsAt - hour });
    const moved = commitBatch(emptyState(fixed), fixed, [change({ startsAt, durationMs: 90 * minute })], startAt);
    expect(noticed(moved.changes)[0]).toMatchObject({ terms: { saleClosesAt: fixed.saleClosesAt } });
  });

  it('increases the terms version by one, like calling the show off, even if one batch has several changes', () => {
    const commands = [change({ currency: 'USD' }), change({ currency: 'EUR' }), callOff, callOff];
    const { changes } = commitBatch(emptyState(terms), terms, commands, startAt);
    expect(noticed(changes).map(({ termsVersion }) => termsVersion)).toEqual([1, 2, 3]);
    expect(
      changes.reduce<ShowTerms>((of, one) => (isTermsChange(one) ? termsAfterChange(of, one) : of), terms),
    ).toEqual({
      ...terms,
      termsVersion: 3,
    });
  });

  it('does not replace newer terms from the catalog', () => {
    const { changes } = commitBatch(emptyState(terms), terms, [change({ currency: 'USD' })], startAt);
    const newer = { ...terms, currency: 'GBP', termsVersion: 2 };
    expect(termsAfterChange(newer, noticed(changes)[0]!)).toBe(newer);
  });
});

describe('sessions that wait for the sale to open', () => {
  it('continue to wait for the full waiting time after the new opening if the sale opens later', () => {
    const room = { mode: 'on', maxShoppers: 1, admitPerMinute: null, shopMs: 1000 } as const;
    const lobby = smallShow({ waitingRoom: room, saleOpensAt: startAt + minute, queueWaitMs: minute });
    const state = emptyState(lobby);
    commitBatch(state, lobby, [joinLine('ann'), joinLine('ben')], startAt);
    const moved = commitBatch(state, lobby, [change({ saleOpensAt: startAt + hour })], startAt + 1);
    const now = noticed(moved.changes).reduce<ShowTerms>(termsAfterChange, lobby);
    const leftAt = (at: number) => commitBatch(state, now, [tick], at).changes.filter(({ type }) => type === 'left');
    expect(moved.linesDueAt).toBe(startAt + hour);
    expect(hasLineWork(state, now, startAt + 3 * minute)).toBe(false);
    expect(leftAt(startAt + 3 * minute)).toEqual([]);
    expect(leftAt(startAt + hour + minute)).toHaveLength(2);
  });
});

describe('a booking', () => {
  const promised = smallShow({ rules: { ...terms.rules, refunds: { deadlineMinutes: 60, feeAmount: 100 } } });
  const refund = (by_: RefundCommand['by'] = 'buyer'): RefundCommand => ({
    type: 'refund',
    bookingId: 'booking',
    seats: null,
    by: by_,
  });

  /**
   * Sells a seat, changes the terms, and requests a refund at the given time. Returns the refunded amount or the
   * refusal.
   */
  function refundAfter(patch: TermsPatch, at: number) {
    const state = emptyState(promised);
    const held = commitBatch(state, promised, [reserveSeats([0])], startAt);
    commitBatch(state, promised, [bookCommand(bookingOf(held.outcomes[0]))], startAt + 1);
    const changed = commitBatch(state, promised, [change(patch)], startAt + 2);
    const now = noticed(changed.changes).reduce<ShowTerms>(termsAfterChange, promised);
    const { outcomes, changes } = commitBatch(state, now, [refund()], at);
    const made = changes.find((one) => one.type === 'refunded');
    return made ? made.refund.amount : refusalOf(outcomes[0]);
  }

  it.each([
    ['no longer allows refunds', null],
    ['raises the fee', { deadlineMinutes: 60, feeAmount: 900 }],
    ['sets an earlier deadline', { deadlineMinutes: 10_000, feeAmount: 100 }],
  ])('keeps the refund rule from the time of the sale if the show later %s', (_, refunds) => {
    const patch = { rules: { ...promised.rules, refunds } };
    const deadline = promised.startsAt - hour;
    expect(refundAfter(patch, deadline - 1)).toBe(800);
    expect(refundAfter(patch, deadline)).toMatchObject({ code: 'BOOKING_STATE' });
  });

  it.each([
    ['later', 5 * hour, 4 * hour],
    ['earlier', -5 * hour, -hour],
  ])('can be given back until the later of the old and new deadlines if the show moves %s', (_, by_, deadline) => {
    const patch = { startsAt: promised.startsAt + by_, durationMs: hour };
    expect(refundAfter(patch, promised.startsAt + deadline - 1)).toBe(800);
    expect(refundAfter(patch, promised.startsAt + deadline)).toMatchObject({ code: 'BOOKING_STATE' });
  });
});
