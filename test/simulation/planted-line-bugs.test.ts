import { describe, it } from '@jest/globals';
import { emptyLine, type StoredLine } from '../../src/shows/core/line/line.js';
import { requestKey } from '../../src/shows/core/model/waiter.js';
import type { ShowTerms, WaitingRoom } from '../../src/shows/core/model/show-terms.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import type { LinesCommit } from '../../src/shows/core/rows/show-commit.js';
import { signTestReceipt } from './fixtures/small-show.js';
import { changeLoadedShows, changeTransactions, expectViolations } from './planted-bugs.js';

/** Ids of shows that have a line for seats, a strict line, a lobby, or metered entry: see `random-shows.ts`. */
const [seatLines, strict, lobby, metered] = [[4, 5], [6], [7], [7, 8]];

/** Changes both lines of every show that a node loads from the tables. */
const changeLoadedLines = (change: (line: StoredLine) => StoredLine) =>
  changeLoadedShows((stored) => ({
    ...stored,
    lines: { seats: change(stored.lines.seats), entry: change(stored.lines.entry) },
  }));

/** Changes the line rows of every commit before a node writes them. */
const changeWrittenLines = (change: (lines: LinesCommit) => LinesCommit) =>
  changeTransactions((original) => ({
    write: (commit) => original.write({ ...commit, lines: commit.lines && change(commit.lines) }),
  }));

/** Changes the waiting room in the terms that every node reads. */
const changeWaitingRoom =
  (change: (room: WaitingRoom) => WaitingRoom | null) =>
  (terms: ShowTerms): ShowTerms => ({ ...terms, waitingRoom: terms.waitingRoom && change(terms.waitingRoom) });

/** Reverses the waiters with the same request whenever a waiter joins the line for seats. */
function reverseWaiters({ state }: ShowLane): void {
  const { seats } = state.lines;
  const join = seats.join.bind(seats);
  seats.join = (waiter) => {
    join(waiter);
    seats.groups.get(requestKey(waiter))?.tickets.sort((a, b) => b - a);
  };
}

/** Hides all waiters for seats from the lane, so that no batch offers them anything. */
function hideWaiters({ state }: ShowLane): void {
  Object.defineProperty(state.lines.seats.groups, 'keys', { value: () => [] });
}

describe('the oracle finds in the lines', () => {
  it('seats that are offered to the last waiter instead of the first', async () => {
    await expectViolations(
      { showIds: seatLines, plantLaneBug: reverseWaiters, ignoredPromises: ['exactLog'] },
      'lineOrder',
    );
  });

  it('seats that stay free or go to other buyers while a waiter could use them', async () => {
    await expectViolations(
      { showIds: seatLines, plantLaneBug: hideWaiters, ignoredPromises: ['exactLog'] },
      'lineOrder',
    );
  });

  it('a strict line that serves smaller parties first', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, rules: { ...terms.rules, strictLine: false } });
    await expectViolations({ showIds: strict, plantTermsBug }, 'lineOrder');
  });

  it('an offer of more seats than a session may hold', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, seatsMax: 10 });
    await expectViolations({ showIds: [5], plantTermsBug, ignoredPromises: ['saleLimits'] }, 'lineOrder');
  });

  it('lines that are lost when a node loads a show', async () => {
    await expectViolations({ showIds: seatLines, plantStoreBug: changeLoadedLines(() => emptyLine) }, 'exactLog');
  });

  it('a waiter who is lost when a node loads a show', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, waiters: line.waiters.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'exactLog');
    // The oracle also finds the bug without comparing memory and log. Other buyers get the lost waiter's seats, and the
    // wait never ends.
    await expectViolations(
      { showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] },
      'lineOrder',
      'lineMembership',
    );
  });

  it('a line ticket that a node acknowledged but did not store', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, joined: lines.joined.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] }, 'truthfulAnswer');
  });

  it('the end of a wait that is missing in the published chain', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({
      ...lines,
      events: lines.events.filter(({ kind }) => kind !== 'leave'),
    }));
    await expectViolations({ showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] }, 'verifiableProof');
  });

  it('a chain hash that does not change with its entry', async () => {
    let skipped: string | null = null;
    const plantStoreBug = changeWrittenLines((lines) => {
      const events = lines.events.map((event) => {
        if (event.n % 3 !== 0) return event;
        skipped ??= event.hash;
        return { ...event, hash: skipped };
      });
      return { ...lines, events };
    });
    await expectViolations({ showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] }, 'verifiableProof');
  });

  it('a lobby that is shuffled by another seed', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, seed: line.seed && line.seed.replace(/^./, '0') }));
    await expectViolations({ showIds: lobby, plantStoreBug }, 'verifiableProof');
  });

  it('a lobby member whom the shuffle leaves out', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, lobbyReceipts: line.lobbyReceipts.slice(0, -1) }));
    await expectViolations({ showIds: lobby, plantStoreBug, ignoredPromises: ['exactLog'] }, 'entryLimits');
  });

  it('receipts with an invalid signature', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({
      ...terms,
      signReceipt: (text: string) => signTestReceipt(`${text} `),
    });
    await expectViolations({ showIds: metered, plantTermsBug }, 'verifiableProof');
  });

  it('a session that is admitted beyond the capacity', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, maxShoppers: room.maxShoppers + 1 }));
    await expectViolations({ showIds: metered, plantTermsBug }, 'entryLimits');
  });

  it('admissions that are faster than the pace', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, admitPerMinute: null }));
    await expectViolations({ showIds: [8], plantTermsBug }, 'entryLimits');
  });

  it('a place inside that stays empty while a buyer waits', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, maxShoppers: room.maxShoppers - 1 }));
    await expectViolations({ showIds: metered, plantTermsBug }, 'entryLimits');
  });

  it('admissions before the sale opens', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, saleOpensAt: null });
    await expectViolations(
      { showIds: lobby, plantTermsBug, ignoredPromises: ['lineMembership', 'saleLimits'] },
      'entryLimits',
    );
  });

  it('reservations that bypass the waiting room', async () => {
    const plantTermsBug = changeWaitingRoom(() => null);
    await expectViolations({ showIds: metered, plantTermsBug, ignoredPromises: ['lineMembership'] }, 'entryLimits');
  });

  it('waits that end too early, and waits that never end', async () => {
    const sooner = (terms: ShowTerms) => ({ ...terms, queueWaitMs: terms.queueWaitMs - 1000 });
    await expectViolations({ showIds: seatLines, plantTermsBug: sooner }, 'lineMembership');
    const never = (terms: ShowTerms) => ({ ...terms, saleClosesAt: Infinity });
    await expectViolations(
      { showIds: [5, 8], plantTermsBug: never, ignoredPromises: ['saleLimits'] },
      'lineMembership',
    );
  });

  it('lines whose next tick is not scheduled', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, dueAt: null }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'lineMembership');
  });

  it('an offer without a push message', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, pushes: lines.pushes.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'lineMembership');
  });
});
