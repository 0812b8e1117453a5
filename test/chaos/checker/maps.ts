import { type SeatChange, seatStatusNames } from '@usher/contract';
import { Follower } from '../follower.js';
import type { ChaosShow, Entry } from '../history.js';
import type { ShowTables } from '../tables.js';
import { foldMaps, readSeatChange } from './log-fold.js';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/**
 * Checks that the numbers in the log have no gaps and no repeats, and that the ledger has the last numbers of the log.
 */
export function checkVersions(shows: readonly ShowTables[]): Violation[] {
  return shows.flatMap(({ showId, log, ledger }) => {
    let version = 0;
    const wrong = log.flatMap(({ seq, version: given, changes }, index) => {
      if (changes.some((change) => readSeatChange(change))) version++;
      return seq === index + 1 && given === version ? [] : [`entry ${index + 1} is seq ${seq}, version ${given}`];
    });
    if (ledger.seq !== log.length || ledger.version !== version)
      wrong.push(`the ledger is at ${ledger.seq}/${ledger.version}`);
    return wrong.map(
      (description) =>
        ({ promise: 'versions without a gap', description: `show ${showId}: ${description}`, about: [] }) as const,
    );
  });
}

/** Checks that every client's map was always correct for its version and that, at the end, it equals the database. */
export function checkMaps(
  timeline: Timeline,
  shows: readonly ShowTables[],
): { violations: Violation[]; compared: number } {
  const truth = new Map(
    timeline.shows.map((show) => {
      const tables = shows.find(({ showId }) => showId === show.showId);
      return [show.showId, foldMaps(tables?.log ?? [], show.seatCount)] as const;
    }),
  );
  const followed = followAll(timeline, truth);
  const finals = timeline.entries.filter((entry) => entry.kind === 'map');
  const last = finals.flatMap((entry) => {
    const show = timeline.shows.find(({ showId }) => showId === entry.showId);
    const tables = shows.find(({ showId }) => showId === entry.showId);
    return show && tables ? checkLast(entry, show, tables, lastSocketOf(timeline, entry.buyer)) : [];
  });
  const unsettled: Violation[] = timeline.entries
    .filter((entry) => entry.kind === 'settled' && !entry.isAtRest)
    .map(() => ({
      promise: 'every buyer recovers',
      description: 'the shows still changed at the end of the run',
      about: [],
    }));
  const compared = finals.filter(({ seats }) => seats !== null).length;
  return { violations: [...followed, ...checkSyncs(timeline, truth), ...last, ...unsettled], compared };
}

type Truth = ReadonlyMap<number, readonly Uint8Array[]>;

function followAll(timeline: Timeline, truth: Truth): Violation[] {
  const followers = new Map<number, Follower>();
  const socketOf = new Map(timeline.calls.map(({ call, socket }) => [call, socket]));
  const violations: Violation[] = [];
  for (const entry of timeline.entries) {
    const socket = 'socket' in entry ? entry.socket : 'call' in entry ? socketOf.get(entry.call) : undefined;
    if (socket === undefined) continue;
    const follower = followers.get(socket) ?? new Follower(socket);
    followers.set(socket, follower);
    const showId = follower.feed(entry);
    const map = showId === null ? null : follower.map(showId);
    if (showId === null || !map) continue;
    const right = truth.get(showId)?.[map.version];
    if (right && sameMap(map.seats, right)) continue;
    const description = right
      ? `socket ${socket} has a wrong map of show ${showId} at version ${map.version}: ${describeDifferences(map.seats, right)}`
      : `socket ${socket} received version ${map.version} of show ${showId}, which the database does not have`;
    violations.push({ promise: 'maps are correct', description, about: [socket] });
    followers.set(socket, new Follower(-1)); // otherwise every later message would report the same error
  }
  for (const { anomalies, socket } of followers.values()) {
    for (const description of anomalies)
      violations.push({ promise: 'versions without a gap', description, about: [socket] });
  }
  return violations;
}

const sameMap = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function describeDifferences(a: Uint8Array, b: Uint8Array): string {
  const seats = [...a.keys()].filter((seat) => a[seat] !== b[seat]);
  return seats
    .slice(0, 5)
    .map((seat) => `seat ${seat} is ${nameOf(a[seat])}, should be ${nameOf(b[seat])}`)
    .join('; ');
}

const nameOf = (status: number | undefined): string => seatStatusNames[status ?? -1] ?? 'nothing';

/** Returns the number of a buyer's last socket. */
function lastSocketOf(timeline: Timeline, buyer: string): number {
  const last = timeline.entries.findLast((entry) => entry.kind === 'connected' && entry.buyer === buyer);
  return last?.kind === 'connected' ? last.socket : 0;
}

function checkLast(
  entry: Extract<Entry, { kind: 'map' }>,
  show: ChaosShow,
  tables: ShowTables,
  socket: number,
): Violation[] {
  const { buyer, showId, version, seats } = entry;
  if (version === null || seats === null) {
    // A buyer whose stay ended just before the end of the run rightly has no map.
    if (show.shoppersMax !== null) return [];
    return [
      {
        promise: 'every buyer recovers',
        description: `${buyer} ended without a map of show ${showId}`,
        about: [buyer],
      },
    ];
  }
  const right = new Uint8Array(show.seatCount);
  for (const { seat, status } of tables.seats) right[seat] = status;
  const map = Uint8Array.from(seats, Number);
  if (version === tables.ledger.version && sameMap(map, right)) return [];
  const description = `${buyer} ended with version ${version} of show ${showId}, the database with ${tables.ledger.version}: ${describeDifferences(map, right)}`;
  return [{ promise: 'maps are correct', description, about: [socket, `"buyer":"${buyer}"`] }];
}

/**
 * Checks that the changes in each answer to `show:sync` agree with the log and begin right after the requested version.
 */
function checkSyncs(timeline: Timeline, truth: Truth): Violation[] {
  return timeline.calls.flatMap(({ call, event, payload, answer }): Violation[] => {
    if (event !== 'show:sync' || !answer?.ok || !answer.changes) return [];
    const maps = truth.get(Number(payload.showId)) ?? [];
    const wrong = answer.changes.find((change, index) => {
      const [before, after] = [maps[change.version - 1], maps[change.version]];
      return (
        !before || !after || change.version !== Number(payload.since) + 1 + index || !isChange(change, before, after)
      );
    });
    if (!wrong) return [];
    const description = `the answer to call ${call} has a version ${wrong.version} that differs from the log`;
    return [{ promise: 'versions without a gap', description, about: [call] }];
  });
}

/** Returns true if the change turns the map `before` into the map `after`. */
function isChange(change: SeatChange, before: Uint8Array, after: Uint8Array): boolean {
  const changed = before.slice();
  for (const [status, name] of seatStatusNames.entries()) for (const seat of change[name] ?? []) changed[seat] = status;
  return sameMap(changed, after);
}
