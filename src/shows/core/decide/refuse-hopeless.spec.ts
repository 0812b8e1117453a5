import { describe, expect, it } from '@jest/globals';
import {
  commitBatch,
  emptyState,
  release,
  reserve,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { refuseHopeless } from './refuse-hopeless.js';

const terms = smallShow();
const endsAt = startAt + terms.holdMs;

/** A show in whose memory A1 and A2 are held until {@link endsAt}. */
function heldState() {
  const state = emptyState(terms);
  commitBatch(state, terms, [reserveSeats([0, 1], { bookingId: 'held', sessionId: 'ben' })], startAt);
  return state;
}

describe('a command is refused from memory', () => {
  it('if a chosen seat is taken, with the same error as under the lock', () => {
    const command = reserveSeats([1, 2]);
    const refusal = refuseHopeless(heldState(), terms, command, startAt);
    expect(refusal).toMatchObject({ code: 'SEATS_TAKEN', seats: [1], alternative: [2, 3] });
    expect(commitBatch(heldState(), terms, [command], startAt).outcomes).toEqual([{ type: 'refused', error: refusal }]);
  });

  it('if no state of the show could grant it', () => {
    expect(refuseHopeless(heldState(), terms, reserveSeats([99]), startAt)).toMatchObject({ code: 'INVALID_SEATS' });
    const best = reserve({ best: { count: 11 } });
    expect(refuseHopeless(heldState(), terms, best, startAt)).toMatchObject({ code: 'INVALID_SEATS' });
  });

  it('until the millisecond before the conflicting hold expires by the estimated clock', () => {
    expect(refuseHopeless(heldState(), terms, reserveSeats([1]), endsAt - 1)).toMatchObject({ code: 'SEATS_TAKEN' });
  });

  it('if the seat is blocked, because time does not free it', () => {
    const state = heldState();
    state.seats[5] = 3;
    expect(refuseHopeless(state, terms, reserveSeats([5]), endsAt)).toMatchObject({ code: 'SEATS_TAKEN', seats: [5] });
  });
});

describe('a command is decided under the lock', () => {
  it.each([
    ['whose seats are free as far as memory goes', reserveSeats([2, 3]), startAt],
    ['whose seats are those of a hold that has run out by the estimate', reserveSeats([0, 1]), endsAt],
    [
      'that has a key, for the answer may be in the log',
      reserveSeats([1], { usedKey: { key: 'k', bodyHash: 'h' } }),
      0,
    ],
    ['with a key, even one that could never be granted', reserveSeats([], { usedKey: { key: 'k', bodyHash: 'h' } }), 0],
    ['that takes an alternative', reserve({ seats: [1], onConflict: 'alternative' }), startAt],
    ['for the best, however full the show is', reserve({ best: { count: 10, tier: 'premium' } }), startAt],
    ['that gives back what memory does not know', release('unknown'), startAt],
    ['that only ends due holds', { type: 'tick' } as const, startAt],
  ])('%s', (_, command, now) => {
    expect(refuseHopeless(heldState(), terms, command, now)).toBeNull();
  });
});
