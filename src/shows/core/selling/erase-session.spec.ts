import { describe, expect, it } from '@jest/globals';
import {
  book,
  bookingOf,
  commitBatch,
  emptyState,
  enter,
  joinLine,
  refusalOf,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command, Outcome } from '../commands/command.js';
import type { ShowTerms } from '../model/show-terms.js';

const erase: Command = { type: 'eraseSession', sessionId: 'ann', pseudonym: 'nobody', codesErasedAt: startAt + 1 };

/** Returns a show and a function that decides one command as a batch of its own. */
function openShow(terms: ShowTerms = smallShow()) {
  const state = emptyState(terms);
  const put = (command: Command): Outcome => commitBatch(state, terms, [command], startAt).outcomes[0]!;
  return { state, put };
}

describe('the erasure of a session', () => {
  it('releases its holds, and gives its paid bookings to the pseudonym', () => {
    const { state, put } = openShow();
    const usedKey = { key: 'order 17', bodyHash: 'hash' };
    const paid = bookingOf(put(reserveSeats([0], { bookingId: 'paid', usedKey })));
    put(book(paid));
    put(reserveSeats([1, 2], { bookingId: 'held' }));
    put(reserveSeats([3], { bookingId: 'other', sessionId: 'ben' }));
    expect(put(erase)).toEqual({ type: 'erased', lastSeq: 5 });
    expect(state.counts).toMatchObject({ sold: 1, held: 1 });
    expect(state.bookings.get('paid')).toMatchObject({ sessionId: 'nobody', status: 'booked', usedKey: null });
    expect([...state.bySession]).toEqual([
      ['ben', new Set(['other'])],
      ['nobody', new Set(['paid'])],
    ]);
  });

  it('ends its wait and its stay', () => {
    const waitingRoom = { mode: 'on', maxShoppers: 1, admitPerMinute: null, shopMs: 60_000 } as const;
    const { state, put } = openShow(smallShow({ waitingRoom }));
    put(enter('ann'));
    put(
      reserveSeats(
        Array.from({ length: 10 }, (_, seat) => seat),
        { bookingId: 'most' },
      ),
    );
    put(joinLine('ann', 8));
    put(enter('ben'));
    put(erase);
    expect(state.waitersBySession.has('ann')).toBe(false);
    expect([...state.stays.bySession.keys()]).toEqual(['ben']);
  });

  it('is refused while the session pays for a hold, and changes nothing', () => {
    const { state, put } = openShow();
    put(reserveSeats([0]));
    put({ type: 'pay', bookingId: 'booking', payment: { paymentId: 'payment', provider: 'sandbox' } });
    expect(refusalOf(put(erase))).toMatchObject({ code: 'BOOKING_STATE', bookingStatus: 'reserved' });
    expect(state.bookings.get('booking')).toMatchObject({ sessionId: 'ann', status: 'reserved' });
  });

  it('is refused if the session has paid for a hold after its codes were erased, and changes nothing', () => {
    const { state, put } = openShow();
    put(book(bookingOf(put(reserveSeats([0])))));
    expect(refusalOf(put({ ...erase, codesErasedAt: startAt }))).toMatchObject({ code: 'BUSY' });
    expect(state.bookings.get('booking')).toMatchObject({ sessionId: 'ann', status: 'booked' });
  });

  it('changes nothing if it is repeated', () => {
    const { state, put } = openShow();
    put(book(bookingOf(put(reserveSeats([0])))));
    put(erase);
    const { seq } = state;
    put(erase);
    expect(state.seq).toBe(seq);
  });
});
