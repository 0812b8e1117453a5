import { describe, expect, it } from '@jest/globals';
import { SeatStatus } from '@usher/contract';
import { emptyLine, type StoredLine } from '../../src/shows/core/line/line.js';
import { wishKey } from '../../src/shows/core/line/waiter.js';
import type { StoredShow } from '../../src/shows/core/show-state.js';
import type { ShowTerms, WaitingRoom } from '../../src/shows/core/show-terms.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import {
  type LinesCommit,
  LockTimeoutError,
  type ShowStore,
  type ShowTransaction,
} from '../../src/shows/store/show-store.js';
import type { Violation } from './oracle/promises.js';
import { simulate, type SimulationOptions } from './simulation.js';
import { signTestReceipt } from './fixtures/small-show.js';

/** Runs in which a planted bug must show. Most do in one of the first, some once in thirty. */
const runsMax = 400;

type Promised = Violation['promise'];

/** The promises that a run found broken. */
async function brokenIn(run: number, options: SimulationOptions): Promise<Promised[]> {
  const { violations } = await simulate(`planted-${run}`, 300, options);
  return violations.map(({ promise }) => promise);
}

/** Expects that some run finds each of the promises broken. */
async function expectFound(options: SimulationOptions, ...promises: readonly Promised[]): Promise<void> {
  const missing = new Set(promises);
  for (let run = 0; missing.size > 0 && run < runsMax; run++) {
    for (const promise of await brokenIn(run, options)) missing.delete(promise);
  }
  expect([...missing]).toEqual([]);
}

/** A store whose transactions do some things otherwise. */
const otherwise =
  (spoil: (good: ShowTransaction) => Partial<ShowTransaction>) =>
  (store: ShowStore): ShowStore => ({
    load: (showId) => store.load(showId),
    entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
    begin: async (showId) => {
      const good = await store.begin(showId);
      return {
        lock: (since) => good.lock(since),
        write: (commit) => good.write(commit),
        commit: () => good.commit(),
        rollback: () => good.rollback(),
        ...spoil(good),
      };
    },
  });

describe('the simulation finds', () => {
  it('seats sold twice and versions given twice when the lock is left out', async () => {
    await expectFound({ protections: { lock: false, guards: false } }, 1, 3);
  });

  it('a hold that ends before its time', async () => {
    const spoil = otherwise((good) => ({
      lock: async (since) => {
        const locked = await good.lock(since);
        return { ...locked, now: locked.now + 50 };
      },
    }));
    await expectFound({ spoil }, 4);
  });

  it('a version that was left out', async () => {
    const spoil = otherwise((good) => ({
      write: (commit) => {
        const { seq, version } = commit.entry;
        return good.write({ ...commit, entry: { ...commit.entry, version: seq % 4 === 0 ? version + 1 : version } });
      },
    }));
    await expectFound({ spoil }, 3);
  });

  it('a booking that is written without its last seat', async () => {
    const spoil = otherwise((good) => ({
      write: (commit) =>
        good.write({ ...commit, seats: { ...commit.seats, inserted: commit.seats.inserted.slice(0, -1) } }),
    }));
    await expectFound({ spoil }, 2);
  });

  it('a success that was answered without a commit', async () => {
    const spoil = otherwise((good) => ({ commit: () => good.rollback() }));
    await expectFound({ spoil }, 6);
  });

  it('a commit that was answered with BUSY', async () => {
    const spoil = otherwise((good) => ({
      commit: async () => {
        await good.commit();
        throw new LockTimeoutError('a wrong answer');
      },
    }));
    await expectFound({ spoil }, 6);
  });

  it('a key that is forgotten when a show is read from the tables', async () => {
    const spoil = (store: ShowStore): ShowStore => ({
      begin: (showId) => store.begin(showId),
      entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
      load: async (showId) => {
        const stored = await store.load(showId);
        return stored && { ...stored, keys: [] };
      },
    });
    await expectFound({ spoil }, 3);
  });

  it('a diff that claims to reach further back than it does', async () => {
    const spoilAdvance: SimulationOptions['spoilAdvance'] = (advance) => ({ ...advance, from: 0 });
    await expectFound({ spoilAdvance }, 7);
  });

  it('a lock that is kept after a batch that changed nothing', async () => {
    const spoil = otherwise(() => ({ rollback: () => Promise.resolve() }));
    await expectFound({ spoil }, 4);
  });

  it('a diff that lacks a seat', async () => {
    const spoilAdvance: SimulationOptions['spoilAdvance'] = (advance) => ({
      ...advance,
      statuses: new Map([...advance.statuses].filter(([, status]) => status !== SeatStatus.free)),
    });
    await expectFound({ spoilAdvance }, 7);
  });
});

/** Shows with a line for seats, a strict one, and metered ones: see `simulated-shows.ts`. */
const [seatLines, strict, lobby, metered] = [[4, 5], [6], [7], [7, 8]];

/** A store that reads shows otherwise. */
const loads =
  (spoil: (stored: StoredShow) => StoredShow) =>
  (store: ShowStore): ShowStore => ({
    begin: (showId) => store.begin(showId),
    entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
    load: async (showId) => {
      const stored = await store.load(showId);
      return stored && spoil(stored);
    },
  });

/** Both lines as the tables gave them, otherwise. */
const linesOtherwise = (spoil: (line: StoredLine) => StoredLine) =>
  loads((stored) => ({ ...stored, lines: { seats: spoil(stored.lines.seats), entry: spoil(stored.lines.entry) } }));

/** Commits whose lines' rows are written otherwise. */
const writesLines = (spoil: (lines: LinesCommit) => LinesCommit) =>
  otherwise((good) => ({
    write: (commit) => good.write({ ...commit, lines: commit.lines && spoil(commit.lines) }),
  }));

/** A waiting room with other limits than the show's. */
const roomOtherwise =
  (spoil: (room: WaitingRoom) => WaitingRoom | null) =>
  (terms: ShowTerms): ShowTerms => ({ ...terms, waitingRoom: terms.waitingRoom && spoil(terms.waitingRoom) });

/** Whenever somebody joins the seat line, those with the same wish are put the other way round. */
function lastFirst({ state }: ShowLane): void {
  const { seats } = state.lines;
  const join = seats.join.bind(seats);
  seats.join = (waiter) => {
    join(waiter);
    seats.wishes.get(wishKey(waiter))?.tickets.sort((a, b) => b - a);
  };
}

/** Nobody who stands in the seat line when a batch begins is offered anything. */
function noOffers({ state }: ShowLane): void {
  Object.defineProperty(state.lines.seats.wishes, 'keys', { value: () => [] });
}

describe('of the lines the simulation finds', () => {
  it('seats that are offered to the last instead of the first', async () => {
    await expectFound({ shows: seatLines, spoilLane: lastFirst, blindTo: [3] }, 5);
  });

  it('seats that stay free, or go to others, while somebody waits for them', async () => {
    await expectFound({ shows: seatLines, spoilLane: noOffers, blindTo: [3] }, 5);
  });

  it('a strict line that lets smaller parties go first', async () => {
    const spoilTerms = (terms: ShowTerms) => ({ ...terms, rules: { ...terms.rules, strictLine: false } });
    await expectFound({ shows: strict, spoilTerms }, 5);
  });

  it('an offer of more than a session may hold', async () => {
    const spoilTerms = (terms: ShowTerms) => ({ ...terms, seatsMax: 10 });
    await expectFound({ shows: [5], spoilTerms, blindTo: ['sale'] }, 5);
  });

  it('lines that are forgotten when a show is read from the tables', async () => {
    await expectFound({ shows: seatLines, spoil: linesOtherwise(() => emptyLine) }, 3);
  });

  it('a waiter who is lost when a show is read from the tables', async () => {
    const spoil = linesOtherwise((line) => ({ ...line, waiters: line.waiters.slice(1) }));
    await expectFound({ shows: seatLines, spoil }, 3);
    // Also when nobody compares the node's memory with the log: seats go past the lost one, whose wait never ends.
    await expectFound({ shows: seatLines, spoil, blindTo: [3] }, 5, 'line');
  });

  it('a ticket that was given and is not in the tables', async () => {
    const spoil = writesLines((lines) => ({ ...lines, joined: lines.joined.slice(1) }));
    await expectFound({ shows: seatLines, spoil, blindTo: [3] }, 6);
  });

  it('an ending that is not in the chain', async () => {
    const spoil = writesLines((lines) => ({ ...lines, events: lines.events.filter(({ kind }) => kind !== 'leave') }));
    await expectFound({ shows: seatLines, spoil, blindTo: [3] }, 'proof');
  });

  it('a hash that skips an entry', async () => {
    let skipped: string | null = null;
    const spoil = writesLines((lines) => {
      const events = lines.events.map((event) => {
        if (event.n % 3 !== 0) return event;
        skipped ??= event.hash;
        return { ...event, hash: skipped };
      });
      return { ...lines, events };
    });
    await expectFound({ shows: seatLines, spoil, blindTo: [3] }, 'proof');
  });

  it('a lobby that is shuffled by another seed', async () => {
    const spoil = linesOtherwise((line) => ({ ...line, seed: line.seed && line.seed.replace(/^./, '0') }));
    await expectFound({ shows: lobby, spoil }, 'proof');
  });

  it('a lobby member whom the shuffle forgets', async () => {
    const spoil = linesOtherwise((line) => ({ ...line, lobbyReceipts: line.lobbyReceipts.slice(0, -1) }));
    await expectFound({ shows: lobby, spoil, blindTo: [3] }, 'entry');
  });

  it('receipts that are signed by nobody', async () => {
    const spoilTerms = (terms: ShowTerms) => ({ ...terms, signReceipt: (text: string) => signTestReceipt(`${text} `) });
    await expectFound({ shows: metered, spoilTerms }, 'proof');
  });

  it('one who is let in too many', async () => {
    const spoilTerms = roomOtherwise((room) => ({ ...room, maxShoppers: room.maxShoppers + 1 }));
    await expectFound({ shows: metered, spoilTerms }, 'entry');
  });

  it('admissions faster than the pace', async () => {
    const spoilTerms = roomOtherwise((room) => ({ ...room, admitPerMinute: null }));
    await expectFound({ shows: [8], spoilTerms }, 'entry');
  });

  it('a room that is left empty while somebody waits', async () => {
    const spoilTerms = roomOtherwise((room) => ({ ...room, maxShoppers: room.maxShoppers - 1 }));
    await expectFound({ shows: metered, spoilTerms }, 'entry');
  });

  it('admissions before the sale opens', async () => {
    const spoilTerms = (terms: ShowTerms) => ({ ...terms, saleOpensAt: null });
    await expectFound({ shows: lobby, spoilTerms, blindTo: ['line', 'sale'] }, 'entry');
  });

  it('reservations past the waiting room', async () => {
    const spoilTerms = roomOtherwise(() => null);
    await expectFound({ shows: metered, spoilTerms, blindTo: ['line'] }, 'entry');
  });

  it('waits that end before their time, and waits that do not end', async () => {
    const sooner = (terms: ShowTerms) => ({ ...terms, queueWaitMs: terms.queueWaitMs - 1000 });
    await expectFound({ shows: seatLines, spoilTerms: sooner }, 'line');
    const never = (terms: ShowTerms) => ({ ...terms, saleClosesAt: Infinity });
    await expectFound({ shows: [5, 8], spoilTerms: never, blindTo: ['sale'] }, 'line');
  });

  it('lines that nobody is told to look at', async () => {
    const spoil = writesLines((lines) => ({ ...lines, dueAt: null }));
    await expectFound({ shows: seatLines, spoil }, 'line');
  });

  it('a change of terms that the catalog does not get', async () => {
    const spoil = otherwise((good) => ({
      write: (commit) => good.write({ ...commit, catalog: commit.catalog && { ...commit.catalog, terms: null } }),
    }));
    await expectFound({ spoil }, 3);
  });

  it('a node that keeps the old terms of a show', async () => {
    const spoilLane = (lane: ShowLane) => {
      const { terms } = lane;
      Object.defineProperty(lane, 'terms', { get: () => terms });
    };
    await expectFound({ spoilLane }, 3);
  });

  it('an offer that is pushed to nobody', async () => {
    const spoil = writesLines((lines) => ({ ...lines, pushes: lines.pushes.slice(1) }));
    await expectFound({ shows: seatLines, spoil }, 'line');
  });
});

it('sells no seat twice when only the tables’ own keys are left to refuse it', async () => {
  for (let run = 0; run < 40; run++) {
    const broken = await brokenIn(run, { protections: { lock: false, guards: true } });
    for (const promise of [1, 2, 3] as const) expect(broken).not.toContain(promise);
  }
});
