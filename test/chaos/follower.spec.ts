import { describe, expect, it } from '@jest/globals';
import { encodeSeats } from '@usher/contract';
import { Follower } from './follower.js';
import type { Happening } from './history.js';

const showId = 7;

/** Returns a follower of socket 1, which has joined a show with four free seats at version 3. */
function joined(...before: Happening[]): Follower {
  const follower = new Follower(1);
  feed(follower, call(1, 'show:join', {}), ...before, answer(1, { access: 'open', ...snapshot(3, [0, 0, 0, 0]) }));
  return follower;
}

const feed = (follower: Follower, ...happenings: Happening[]): void => {
  for (const happening of happenings) follower.feed({ t: 0, ...happening });
};

const call = (number: number, event: 'show:join' | 'show:sync' | 'show:leave', payload: object): Happening => ({
  kind: 'call',
  call: number,
  socket: 1,
  sessionId: 's',
  event,
  payload: { showId, ...payload },
});

const answer = (number: number, fields: object): Happening => ({
  kind: 'answer',
  call: number,
  answer: { ok: true, ...fields },
});

const snapshot = (version: number, seats: number[]) => ({
  version,
  seatCount: seats.length,
  seats: encodeSeats(Uint8Array.from(seats)),
});

const changed = (from: number, version: number, seats: object, socket = 1): Happening => ({
  kind: 'received',
  socket,
  event: 'seats:changed',
  payload: { showId, from, version, ...seats },
});

const seatsOf = (follower: Follower): number[] => [...follower.map(showId)!.seats];

describe('a client that follows the contract', () => {
  it('applies a diff that builds on its version and drops an older diff', () => {
    const follower = joined();
    feed(follower, changed(3, 4, { held: [1] }), changed(2, 3, { held: [0] }));
    expect(seatsOf(follower)).toEqual([0, 1, 0, 0]);
    expect(follower.map(showId)?.version).toBe(4);
  });

  it('applies a diff that starts before its version', () => {
    const follower = joined();
    feed(follower, changed(1, 5, { held: [1], free: [2] }));
    expect(follower.map(showId)?.version).toBe(5);
    expect(seatsOf(follower)).toEqual([0, 1, 0, 0]);
  });

  it('keeps early diffs until the missing diff arrives', () => {
    const follower = joined();
    feed(follower, changed(4, 5, { held: [2] }));
    expect(follower.hasGap(showId)).toBe(true);
    expect(follower.map(showId)?.version).toBe(3);
    feed(follower, changed(3, 4, { held: [1] }));
    expect(follower.hasGap(showId)).toBe(false);
    expect(seatsOf(follower)).toEqual([0, 1, 1, 0]);
  });

  it('closes a gap with the changes of a sync, and reports a gap between those changes', () => {
    const follower = joined();
    feed(follower, changed(5, 6, { held: [3] }), call(2, 'show:sync', { since: 3 }));
    feed(
      follower,
      answer(2, {
        version: 5,
        changes: [
          { version: 4, held: [1] },
          { version: 5, free: [1] },
        ],
      }),
    );
    expect(seatsOf(follower)).toEqual([0, 0, 0, 1]);
    expect(follower.anomalies).toEqual([]);
    feed(follower, call(3, 'show:sync', { since: 6 }), answer(3, { version: 8, changes: [{ version: 8 }] }));
    expect(follower.anomalies).toHaveLength(1);
  });

  it('takes a snapshot from a sync only if it is newer than the map', () => {
    const follower = joined();
    feed(follower, call(2, 'show:sync', { since: 3 }), answer(2, snapshot(2, [1, 1, 1, 1])));
    expect(follower.map(showId)?.version).toBe(3);
    feed(follower, call(3, 'show:sync', { since: 3 }), answer(3, snapshot(9, [1, 0, 0, 1])));
    expect(seatsOf(follower)).toEqual([1, 0, 0, 1]);
  });

  it('applies diffs that arrive between the join request and its answer', () => {
    const follower = joined(changed(3, 4, { held: [2] }), changed(1, 2, { held: [0] }));
    expect(seatsOf(follower)).toEqual([0, 0, 1, 0]);
  });

  it('ignores events for other sockets, and has no map after its stay ended', () => {
    const follower = joined();
    feed(follower, changed(3, 4, { held: [0] }, 2));
    expect(follower.map(showId)?.version).toBe(3);
    feed(follower, { kind: 'received', socket: 1, event: 'stay:ended', payload: { showId } });
    expect(follower.map(showId)).toBeNull();
  });
});
