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

/** The state of a show in which A1 and A2 are held until {@link endsAt}. */
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

  it('until the last millisecond before the conflicting hold expires by the estimated clock', () => {
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
    ['if its seats are free in memory', reserveSeats([2, 3]), startAt],
    ['if its seats belong to a hold that has expired by the estimated clock', reserveSeats([0, 1]), endsAt],
    [
      'if it has a key, because its answer may be in the log',
      reserveSeats([1], { usedKey: { key: 'k', bodyHash: 'h' } }),
      0,
    ],
    [
      'if it has a key, even if no state of the show could grant it',
      reserveSeats([], { usedKey: { key: 'k', bodyHash: 'h' } }),
      0,
    ],
    ['if it accepts an alternative', reserve({ seats: [1], onConflict: 'alternative' }), startAt],
    [
      'if it asks for the best seats, even if the show is full',
      reserve({ best: { count: 10, tier: 'premium' } }),
      startAt,
    ],
    ['if it releases a booking that is not in memory', release('unknown'), startAt],
    ['if it only ends due holds', { type: 'tick' } as const, startAt],
  ])('%s', (_, command, now) => {
    expect(refuseHopeless(heldState(), terms, command, now)).toBeNull();
  });
});
