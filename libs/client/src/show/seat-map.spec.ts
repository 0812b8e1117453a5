import { expect, it } from '@jest/globals';
import { encodeSeats, type SeatChange, type SeatsChanged, seatStatusNames } from '@usher/contract';
import fc from 'fast-check';
import { countSeats, SeatMapState, type Snapshot } from './seat-map.js';

const SEATS = 12;
const showId = 1;

/** A show's whole history: the status of every seat at every version. */
type History = Uint8Array[];

const snapshotOf = (history: History, version: number): Snapshot => ({
  version,
  seatCount: SEATS,
  seats: encodeSeats(history[version]!),
});

/** Returns the seats that changed after `from` and up to `version`, with their statuses at `version`. */
function changeOf(history: History, from: number, version: number): SeatChange {
  const change: SeatChange = { version };
  for (let seat = 0; seat < SEATS; seat++) {
    const touched = history.slice(from, version).some((seats, at) => seats[seat] !== history[from + at + 1]![seat]);
    if (touched) (change[seatStatusNames[history[version]![seat]!]!] ??= []).push(seat);
  }
  return change;
}

const messageOf = (history: History, from: number, version: number): SeatsChanged => ({
  ...changeOf(history, from, version),
  showId,
  from,
});

const changesSince = (history: History, since: number, version: number) => ({
  version,
  changes: Array.from({ length: version - since }, (_, at) => changeOf(history, since + at, since + at + 1)),
});

const status = fc.integer({ min: 0, max: 3 });
const anyHistory: fc.Arbitrary<History> = fc
  .array(fc.array(fc.tuple(fc.nat(SEATS - 1), status), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    const versions: History = [new Uint8Array(SEATS)];
    for (const step of steps) {
      const seats = versions.at(-1)!.slice();
      for (const [seat, to] of step) seats[seat] = to;
      versions.push(seats);
    }
    return versions;
  });

/** A position in a history. It is a fraction, so that it fits a history of any length. */
const part = fc.double({ min: 0, max: 1, noNaN: true });
const arrival = fc.record({
  kind: fc.constantFrom('changed', 'changed', 'changed', 'heartbeat', 'sync', 'join'),
  from: part,
  to: part,
  snapshot: fc.boolean(),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

const at = (position: number, history: History): number => Math.round(position * (history.length - 1));

/** Delivers one message as any node might have sent it, even a node that has not caught up. */
function arrive(state: SeatMapState, history: History, { kind, ...where }: Arrival, now: number): void {
  const from = at(Math.min(where.from, where.to), history);
  const to = at(Math.max(where.from, where.to), history);
  if (kind === 'changed' && to > from) state.applyChange(messageOf(history, from, to), now);
  if (kind === 'heartbeat') state.applyVersion(to, now);
  if (kind === 'sync' && to > from) {
    state.applySync(from, where.snapshot ? snapshotOf(history, to) : changesSince(history, from, to), now);
  }
  if (kind === 'join') {
    state.onJoinSent();
    state.applyChange(messageOf(history, from, to), now);
    state.applyJoin(snapshotOf(history, to), now);
  }
}

/** Returns the state of a client that has the map of the first version. */
function atStart(history: History): SeatMapState {
  const state = new SeatMapState();
  state.onJoinSent();
  state.applyJoin(snapshotOf(history, 0), 0);
  return state;
}

/** Syncs like a client until no message is missing. The node that answers first has not caught up. */
function syncToEnd(state: SeatMapState, history: History, now: number): void {
  const last = history.length - 1;
  state.applyVersion(last, now);
  for (let syncCount = 0; state.missingSince() !== null; syncCount++) {
    expect(syncCount).toBeLessThan(3);
    const since = state.map!.version;
    const upTo = syncCount === 0 ? Math.floor((since + last) / 2) : last;
    state.applySync(since, changesSince(history, since, upTo), now);
  }
}

it('always equals the show at its version, even if messages are lost, repeated, late or from a node that has not caught up', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(arrival, { maxLength: 60 }), (history, arrivals) => {
      const state = atStart(history);
      let version = 0;
      for (const [now, one] of arrivals.entries()) {
        arrive(state, history, one, now);
        expect(state.map!.version).toBeGreaterThanOrEqual(version);
        version = state.map!.version;
        expect(state.map!.seats).toEqual(history[version]);
      }
    }),
  );
});

it('has the latest map after a sync with the missing changes', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(arrival, { maxLength: 60 }), (history, arrivals) => {
      const state = atStart(history);
      for (const [now, one] of arrivals.entries()) arrive(state, history, one, now);
      syncToEnd(state, history, arrivals.length);
      expect(state.map).toMatchObject({ version: history.length - 1, seats: history.at(-1) });
      expect(state.map!.counts).toEqual(countSeats(history.at(-1)!));
    }),
  );
});

it('needs no sync if every message arrives, even if messages are repeated or out of order', () => {
  const deliveries = anyHistory.chain((history) => {
    const all = history.slice(1).map((_, from) => from);
    return fc.tuple(
      fc.constant(history),
      fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
    );
  });
  fc.assert(
    fc.property(deliveries, ([history, order]) => {
      const state = atStart(history);
      for (const from of order) state.applyChange(messageOf(history, from, from + 1), 0);
      expect(state.missingSince()).toBeNull();
      expect(state.map!.version).toBe(history.length - 1);
      expect(state.map!.seats).toEqual(history.at(-1));
    }),
  );
});

/** A history in which seat n becomes held at version n + 1 and stays held. */
const row: History = Array.from({ length: SEATS + 1 }, (_, version) =>
  Uint8Array.from({ length: SEATS }, (__, seat) => (seat < version ? 1 : 0)),
);

function joinedAt(version: number): SeatMapState {
  const state = new SeatMapState();
  state.onJoinSent();
  state.applyJoin(snapshotOf(row, version), 0);
  return state;
}

it('starts from the snapshot of a join, and then applies the messages that arrived before it', () => {
  const state = new SeatMapState();
  state.onJoinSent();
  state.applyChange(messageOf(row, 3, 5), 1);
  state.applyChange(messageOf(row, 5, 6), 2);
  expect(state.map).toBeNull();
  expect(state.applyJoin(snapshotOf(row, 4), 3)).toBe(true);
  expect(state.map).toMatchObject({ version: 6, seats: row[6], counts: { free: 6, held: 6, sold: 0, blocked: 0 } });
});

it('reports since when a message has been missing, until the message arrives', () => {
  const state = joinedAt(2);
  state.applyChange(messageOf(row, 4, 5), 100);
  state.applyChange(messageOf(row, 6, 7), 150);
  expect(state.missingSince()).toBe(100);
  state.applyChange(messageOf(row, 2, 4), 160);
  expect(state.map!.version).toBe(5);
  expect(state.missingSince()).toBe(150);
  state.applyChange(messageOf(row, 5, 6), 170);
  expect(state.map!.version).toBe(7);
  expect(state.missingSince()).toBeNull();
});

it('reports the time of the first heartbeat with a newer version, not of the last one', () => {
  const state = joinedAt(2);
  state.applyVersion(4, 100);
  state.applyVersion(6, 5_100);
  expect(state.missingSince()).toBe(100);
  state.applyChange(messageOf(row, 2, 6), 5_200);
  state.applyVersion(7, 9_000);
  expect(state.missingSince()).toBe(9_000);
});

it('keeps the same map object until something changes, and never modifies an old map', () => {
  const state = joinedAt(4);
  const { map } = state;
  state.applyChange(messageOf(row, 1, 4), 1);
  state.applySync(4, { version: 4, changes: [] }, 2);
  state.applyVersion(4, 3);
  state.onJoinSent();
  state.applyJoin(snapshotOf(row, 4), 4);
  expect(state.map).toBe(map);
  state.applyChange(messageOf(row, 4, 5), 5);
  expect(state.map).not.toBe(map);
  expect(map!.seats).toEqual(row[4]);
});

it('ignores an old snapshot from a node that has not caught up, and asks for another join', () => {
  const state = joinedAt(6);
  state.onJoinSent();
  expect(state.applyJoin(snapshotOf(row, 4), 1)).toBe(false);
  expect(state.map!.version).toBe(6);
  state.onJoinSent();
  expect(state.applyJoin(snapshotOf(row, 7), 2)).toBe(true);
  expect(state.map!.version).toBe(7);
});

it('accepts a snapshot if the only newer messages arrived after the join was sent', () => {
  const state = joinedAt(4);
  state.onJoinSent();
  state.applyChange(messageOf(row, 4, 6), 1);
  expect(state.applyJoin(snapshotOf(row, 5), 2)).toBe(true);
  expect(state.map).toMatchObject({ version: 6, seats: row[6] });
});

it('rolls back with a server whose database was restored, and then follows the new history', () => {
  const restored = row.map((seats, version) => (version <= 4 ? seats : seats.map((held) => (held ? 2 : 0))));
  const state = joinedAt(8);
  for (const now of [5_000, 10_000, 15_000]) state.applyVersion(4, now);
  expect(state.hasServerRolledBack(15_000)).toBe(true);
  state.onJoinSent();
  state.applyChange(messageOf(restored, 4, 5), 15_100);
  expect(state.applyJoin(snapshotOf(restored, 4), 15_200)).toBe(true);
  expect(state.map).toMatchObject({ version: 5, seats: restored[5] });
  expect(state.missingSince()).toBeNull();
  expect(state.hasServerRolledBack(99_000)).toBe(false);
});

it('does not roll back after only two low versions over a long time, or after many low versions within a moment', () => {
  const rarely = joinedAt(8);
  for (const now of [5_000, 10_000]) rarely.applyVersion(4, now);
  expect(rarely.hasServerRolledBack(60_000)).toBe(false);
  const often = joinedAt(8);
  for (const now of [5_000, 5_001, 5_002, 5_003]) often.applyVersion(4, now);
  expect(often.hasServerRolledBack(5_004)).toBe(false);
});

it('does not roll back for a busy show whose heartbeats are always slightly behind its changes', () => {
  const state = joinedAt(0);
  for (let version = 1; version < row.length; version++) {
    state.applyChange(messageOf(row, version - 1, version), version * 5_000);
    if (version > 1) state.applyVersion(version - 1, version * 5_000 + 1);
    expect(state.hasServerRolledBack(version * 5_000 + 2)).toBe(false);
  }
});

it('rolls back at once after a reset by the server', () => {
  const restored = row.map((seats) => seats.map((held) => (held ? 2 : 0)));
  const state = joinedAt(8);
  state.applyChange(messageOf(row, 9, 10), 1);
  state.onJoinSent();
  state.applyReset(snapshotOf(restored, 4));
  expect(state.map).toMatchObject({ version: 4, seats: restored[4] });
  expect(state.missingSince()).toBeNull();
  expect(state.applyJoin(snapshotOf(restored, 5), 2)).toBe(true);
  state.applyChange(messageOf(restored, 5, 6), 3);
  expect(state.map).toMatchObject({ version: 6, seats: restored[6] });
});

it('ignores the answer to a sync that was sent before the map rolled back', () => {
  const state = joinedAt(2);
  state.applySync(5, changesSince(row, 5, 8), 1);
  expect(state.map).toMatchObject({ version: 2, seats: row[2] });
});

it('rejects a malformed snapshot and keeps its map', () => {
  const state = joinedAt(3);
  state.onJoinSent();
  expect(() => state.applyJoin({ version: 9, seatCount: SEATS, seats: 'AA==' }, 1)).toThrow(RangeError);
  expect(state.map).toMatchObject({ version: 3, seats: row[3] });
});
