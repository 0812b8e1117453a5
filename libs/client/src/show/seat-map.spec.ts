import { expect, it } from '@jest/globals';
import { encodeSeats, type SeatChange, type SeatsChanged, type SeatStatus, seatStatusNames } from '@usher/contract';
import fc from 'fast-check';
import { countSeats, SeatMapState, type Snapshot } from './seat-map.js';

const SEATS = 12;
const showId = 1;

/** A show's whole past: the status of every seat at every version. */
type Past = Uint8Array[];

const snapshotOf = (past: Past, version: number): Snapshot => ({
  version,
  seatCount: SEATS,
  seats: encodeSeats(past[version]!),
});

/** The seats that the versions after `from` up to `version` touched, as they are at `version`. */
function changeOf(past: Past, from: number, version: number): SeatChange {
  const change: SeatChange = { version };
  for (let seat = 0; seat < SEATS; seat++) {
    const touched = past.slice(from, version).some((seats, at) => seats[seat] !== past[from + at + 1]![seat]);
    if (touched) (change[seatStatusNames[past[version]![seat] as SeatStatus]] ??= []).push(seat);
  }
  return change;
}

const messageOf = (past: Past, from: number, version: number): SeatsChanged => ({
  ...changeOf(past, from, version),
  showId,
  from,
});

const changesSince = (past: Past, since: number, version: number) => ({
  version,
  changes: Array.from({ length: version - since }, (_, at) => changeOf(past, since + at, since + at + 1)),
});

const status = fc.integer({ min: 0, max: 3 });
const past: fc.Arbitrary<Past> = fc
  .array(fc.array(fc.tuple(fc.nat(SEATS - 1), status), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    const versions: Past = [new Uint8Array(SEATS)];
    for (const step of steps) {
      const seats = versions.at(-1)!.slice();
      for (const [seat, to] of step) seats[seat] = to;
      versions.push(seats);
    }
    return versions;
  });

/** Something that comes to the client; positions are parts of the past, so that they fit every past. */
const part = fc.double({ min: 0, max: 1, noNaN: true });
const arrival = fc.record({
  kind: fc.constantFrom('changed', 'changed', 'changed', 'beat', 'sync', 'join'),
  from: part,
  to: part,
  snapshot: fc.boolean(),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

const at = (position: number, history: Past): number => Math.round(position * (history.length - 1));

/** Lets one thing arrive, as some node of the server, up to date or not, would have sent it. */
function arrive(state: SeatMapState, history: Past, { kind, ...where }: Arrival, now: number): void {
  const from = at(Math.min(where.from, where.to), history);
  const to = at(Math.max(where.from, where.to), history);
  if (kind === 'changed' && to > from) state.changed(messageOf(history, from, to), now);
  if (kind === 'beat') state.announced(to, now);
  if (kind === 'sync' && to > from) {
    state.synced(from, where.snapshot ? snapshotOf(history, to) : changesSince(history, from, to), now);
  }
  if (kind === 'join') {
    state.joinSent();
    state.changed(messageOf(history, from, to), now);
    state.joined(snapshotOf(history, to), now);
  }
}

/** A client that has the first version's map. */
function atStart(history: Past): SeatMapState {
  const state = new SeatMapState();
  state.joinSent();
  state.joined(snapshotOf(history, 0), 0);
  return state;
}

/** What a client does that misses something: asks a node, which may lag, until nothing is missing. */
function syncToEnd(state: SeatMapState, history: Past, now: number): void {
  const last = history.length - 1;
  state.announced(last, now);
  for (let asked = 0; state.missingSince() !== null; asked++) {
    expect(asked).toBeLessThan(3);
    const since = state.map!.version;
    const upTo = asked === 0 ? Math.floor((since + last) / 2) : last;
    state.synced(since, changesSince(history, since, upTo), now);
  }
}

it('is exactly the show at its version, whatever is lost, doubled, late or from a node that lags', () => {
  fc.assert(
    fc.property(past, fc.array(arrival, { maxLength: 60 }), (history, arrivals) => {
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

it('ends with the true map once a sync answers what is missing', () => {
  fc.assert(
    fc.property(past, fc.array(arrival, { maxLength: 60 }), (history, arrivals) => {
      const state = atStart(history);
      for (const [now, one] of arrivals.entries()) arrive(state, history, one, now);
      syncToEnd(state, history, arrivals.length);
      expect(state.map).toMatchObject({ version: history.length - 1, seats: history.at(-1) });
      expect(state.map!.counts).toEqual(countSeats(history.at(-1)!));
    }),
  );
});

it('needs no sync when everything comes, in whatever order and however often', () => {
  const deliveries = past.chain((history) => {
    const all = history.slice(1).map((_, from) => from);
    return fc.tuple(
      fc.constant(history),
      fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
    );
  });
  fc.assert(
    fc.property(deliveries, ([history, order]) => {
      const state = atStart(history);
      for (const from of order) state.changed(messageOf(history, from, from + 1), 0);
      expect(state.missingSince()).toBeNull();
      expect(state.map!.version).toBe(history.length - 1);
      expect(state.map!.seats).toEqual(history.at(-1));
    }),
  );
});

/** Seat n is held at version n + 1 and stays so. */
const row: Past = Array.from({ length: SEATS + 1 }, (_, version) =>
  Uint8Array.from({ length: SEATS }, (__, seat) => (seat < version ? 1 : 0)),
);

function joinedAt(version: number): SeatMapState {
  const state = new SeatMapState();
  state.joinSent();
  state.joined(snapshotOf(row, version), 0);
  return state;
}

it('keeps what arrives before the answer to the join and applies it to the snapshot', () => {
  const state = new SeatMapState();
  state.joinSent();
  state.changed(messageOf(row, 3, 5), 1);
  state.changed(messageOf(row, 5, 6), 2);
  expect(state.map).toBeNull();
  expect(state.joined(snapshotOf(row, 4), 3)).toBe(true);
  expect(state.map).toMatchObject({ version: 6, seats: row[6], counts: { free: 6, held: 6, sold: 0, blocked: 0 } });
});

it('says since when a piece is missing, and nothing more once it has come', () => {
  const state = joinedAt(2);
  state.changed(messageOf(row, 4, 5), 100);
  state.changed(messageOf(row, 6, 7), 150);
  expect(state.missingSince()).toBe(100);
  state.changed(messageOf(row, 2, 4), 160);
  expect(state.map!.version).toBe(5);
  expect(state.missingSince()).toBe(150);
  state.changed(messageOf(row, 5, 6), 170);
  expect(state.map!.version).toBe(7);
  expect(state.missingSince()).toBeNull();
});

it('counts from the first announcement that it is behind, not from the last', () => {
  const state = joinedAt(2);
  state.announced(4, 100);
  state.announced(6, 5_100);
  expect(state.missingSince()).toBe(100);
  state.changed(messageOf(row, 2, 6), 5_200);
  state.announced(7, 9_000);
  expect(state.missingSince()).toBe(9_000);
});

it('keeps the same map while nothing new comes, and never writes to one that it gave out', () => {
  const state = joinedAt(4);
  const { map } = state;
  state.changed(messageOf(row, 1, 4), 1);
  state.synced(4, { version: 4, changes: [] }, 2);
  state.announced(4, 3);
  state.joinSent();
  state.joined(snapshotOf(row, 4), 4);
  expect(state.map).toBe(map);
  state.changed(messageOf(row, 4, 5), 5);
  expect(state.map).not.toBe(map);
  expect(map!.seats).toEqual(row[4]);
});

it('is not moved back by a join that a lagging node answers, and asks for confirmation', () => {
  const state = joinedAt(6);
  state.joinSent();
  expect(state.joined(snapshotOf(row, 4), 1)).toBe(false);
  expect(state.map!.version).toBe(6);
  state.joinSent();
  expect(state.joined(snapshotOf(row, 7), 2)).toBe(true);
  expect(state.map!.version).toBe(7);
});

it('does not doubt itself for a snapshot that only the changes sent after it have overtaken', () => {
  const state = joinedAt(4);
  state.joinSent();
  state.changed(messageOf(row, 4, 6), 1);
  expect(state.joined(snapshotOf(row, 5), 2)).toBe(true);
  expect(state.map).toMatchObject({ version: 6, seats: row[6] });
});

it('goes back with a server whose database was restored, and follows it from there', () => {
  const restored = row.map((seats, version) => (version <= 4 ? seats : seats.map((held) => (held ? 2 : 0))));
  const state = joinedAt(8);
  for (const now of [5_000, 10_000, 15_000]) state.announced(4, now);
  expect(state.isDoubtRipe(15_000)).toBe(true);
  state.joinSent();
  state.changed(messageOf(restored, 4, 5), 15_100);
  expect(state.joined(snapshotOf(restored, 4), 15_200)).toBe(true);
  expect(state.map).toMatchObject({ version: 5, seats: restored[5] });
  expect(state.missingSince()).toBeNull();
  expect(state.isDoubtRipe(99_000)).toBe(false);
});

it('does not go back for a few old words, however far apart, nor for many at once', () => {
  const rarely = joinedAt(8);
  for (const now of [5_000, 10_000]) rarely.announced(4, now);
  expect(rarely.isDoubtRipe(60_000)).toBe(false);
  const often = joinedAt(8);
  for (const now of [5_000, 5_001, 5_002, 5_003]) often.announced(4, now);
  expect(often.isDoubtRipe(5_004)).toBe(false);
});

it('does not take a busy show for a restored one, whose beats are always a little behind its changes', () => {
  const state = joinedAt(0);
  for (let version = 1; version < row.length; version++) {
    state.changed(messageOf(row, version - 1, version), version * 5_000);
    if (version > 1) state.announced(version - 1, version * 5_000 + 1);
    expect(state.isDoubtRipe(version * 5_000 + 2)).toBe(false);
  }
});

it('goes back at once when the server says that it has another history', () => {
  const restored = row.map((seats) => seats.map((held) => (held ? 2 : 0)));
  const state = joinedAt(8);
  state.changed(messageOf(row, 9, 10), 1);
  state.joinSent();
  state.reset(snapshotOf(restored, 4));
  expect(state.map).toMatchObject({ version: 4, seats: restored[4] });
  expect(state.missingSince()).toBeNull();
  expect(state.joined(snapshotOf(restored, 5), 2)).toBe(true);
  state.changed(messageOf(restored, 5, 6), 3);
  expect(state.map).toMatchObject({ version: 6, seats: restored[6] });
});

it('ignores a sync that was asked before the map went back', () => {
  const state = joinedAt(2);
  state.synced(5, changesSince(row, 5, 8), 1);
  expect(state.map).toMatchObject({ version: 2, seats: row[2] });
});

it('refuses a snapshot that is not one, and stays as it was', () => {
  const state = joinedAt(3);
  state.joinSent();
  expect(() => state.joined({ version: 9, seatCount: SEATS, seats: 'AA==' }, 1)).toThrow(RangeError);
  expect(state.map).toMatchObject({ version: 3, seats: row[3] });
});
