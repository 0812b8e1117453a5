import { describe, it } from '@jest/globals';
import { emptyLine, type StoredLine } from '../../src/shows/core/line/line.js';
import { requestKey } from '../../src/shows/core/model/waiter.js';
import type { ShowTerms, WaitingRoom } from '../../src/shows/core/model/show-terms.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import type { LinesCommit } from '../../src/shows/core/rows/show-commit.js';
import { signTestReceipt } from './fixtures/small-show.js';
import { changeLoadedShows, changeTransactions, expectViolations, expectViolationsInLongRuns } from './planted-bugs.js';

/** Ids of shows that have a line for seats, a strict line, a lobby, or metered entry (see `random-shows.ts`). */
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

/** Reverses the order of the waiters with the same request whenever a waiter joins the line for seats. */
function reverseWaiters({ state }: ShowLane): void {
  const { seats } = state.lines;
  const join = seats.join.bind(seats);
  seats.join = (waiter) => {
    join(waiter);
    seats.groups.get(requestKey(waiter))?.tickets.sort((a, b) => b - a);
  };
}

/** Hides all waiters for seats from the lane, so that no batch offers seats to them. */
function hideWaiters({ state }: ShowLane): void {
  Object.defineProperty(state.lines.seats.groups, 'keys', { value: () => [] });
}

/** Makes the lane treat every waiter for seats as if its session had passed the challenge. */
function trustAllWaiters({ state }: ShowLane): void {
  const { seats } = state.lines;
  const join = seats.join.bind(seats);
  seats.join = (waiter) => join({ ...waiter, hasPassedChallenge: true });
}

/** Makes the lane forget how many seats the parties of each source wait for. */
function forgetWaitingSeats({ state }: ShowLane): void {
  Object.defineProperty(state.sources, 'waitingSeatsOf', { value: () => 0 });
}

describe('the oracle', () => {
  it('finds seats that are offered to the last waiter instead of the first', async () => {
    await expectViolations(
      { showIds: seatLines, plantLaneBug: reverseWaiters, ignoredPromises: ['exactLog'] },
      'lineOrder',
    );
  });

  it('finds seats that stay free, or go to buyers outside the line, although a waiter could use them', async () => {
    await expectViolations(
      { showIds: seatLines, plantLaneBug: hideWaiters, ignoredPromises: ['exactLog'] },
      'lineOrder',
    );
  });

  it('finds a strict line that serves smaller parties first', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, rules: { ...terms.rules, strictLine: false } });
    await expectViolations({ showIds: strict, plantTermsBug }, 'lineOrder');
  });

  it('finds an offer of more seats than a session may hold', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, seatsMax: 10 });
    await expectViolations({ showIds: [5], plantTermsBug, ignoredPromises: ['saleLimits'] }, 'lineOrder');
  });

  it.each([
    ['an offer beyond the free part to a session that has not passed the challenge', trustAllWaiters],
    ['parties that join without the challenge although their source waits for the free part', forgetWaitingSeats],
  ])(
    'finds %s',
    async (_, plantLaneBug) => {
      const ignoredPromises = ['exactLog', 'lineOrder'] as const;
      await expectViolationsInLongRuns({ showIds: [4], plantLaneBug, ignoredPromises }, 'sourceBudgets');
    },
    180_000,
  );

  it('finds a passed challenge of a waiter that is lost when a node loads a show', async () => {
    const forget = (line: StoredLine) => ({
      ...line,
      waiters: line.waiters.map((waiter) => ({ ...waiter, hasPassedChallenge: false })),
    });
    await expectViolations({ showIds: seatLines, plantStoreBug: changeLoadedLines(forget) }, 'exactLog');
  });

  it('finds lines that are lost when a node loads a show', async () => {
    await expectViolations({ showIds: seatLines, plantStoreBug: changeLoadedLines(() => emptyLine) }, 'exactLog');
  });

  it('finds a waiter who is lost when a node loads a show', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, waiters: line.waiters.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'exactLog');
    // The oracle finds the bug even if it does not compare memory and log: other buyers get the lost waiter's seats,
    // and the waiter's wait never ends.
    await expectViolations(
      { showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] },
      'lineOrder',
      'lineMembership',
    );
  });

  it('finds a line ticket that a node acknowledged but did not store', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, joined: lines.joined.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] }, 'truthfulAnswer');
  });

  it('finds a published chain that lacks the end of a wait', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({
      ...lines,
      events: lines.events.filter(({ kind }) => kind !== 'leave'),
    }));
    await expectViolations({ showIds: seatLines, plantStoreBug, ignoredPromises: ['exactLog'] }, 'verifiableProof');
  });

  it('finds a chain hash that does not belong to its entry', async () => {
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

  it('finds a lobby that is shuffled with a seed other than the committed one', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, seed: line.seed && line.seed.replace(/^./, '0') }));
    await expectViolations({ showIds: lobby, plantStoreBug }, 'verifiableProof');
  });

  it('finds a lobby member whom the shuffle leaves out', async () => {
    const plantStoreBug = changeLoadedLines((line) => ({ ...line, lobbyReceipts: line.lobbyReceipts.slice(0, -1) }));
    await expectViolations({ showIds: lobby, plantStoreBug, ignoredPromises: ['exactLog'] }, 'entryLimits');
  });

  it('finds receipts with an invalid signature', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({
      ...terms,
      signReceipt: (text: string) => signTestReceipt(`${text} `),
    });
    await expectViolations({ showIds: metered, plantTermsBug }, 'verifiableProof');
  });

  it('finds a session that enters although the show is at its capacity', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, maxShoppers: room.maxShoppers + 1 }));
    await expectViolations({ showIds: metered, plantTermsBug }, 'entryLimits');
  });

  it('finds admissions that are faster than the show allows', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, admitPerMinute: null }));
    await expectViolations({ showIds: [8], plantTermsBug }, 'entryLimits');
  });

  it('finds a show that has room but leaves a buyer waiting', async () => {
    const plantTermsBug = changeWaitingRoom((room) => ({ ...room, maxShoppers: room.maxShoppers - 1 }));
    await expectViolations({ showIds: metered, plantTermsBug }, 'entryLimits');
  });

  it('finds admissions before the sale opens', async () => {
    const plantTermsBug = (terms: ShowTerms) => ({ ...terms, saleOpensAt: null });
    await expectViolations(
      { showIds: lobby, plantTermsBug, ignoredPromises: ['lineMembership', 'saleLimits'] },
      'entryLimits',
    );
  });

  it('finds reservations that bypass the waiting room', async () => {
    const plantTermsBug = changeWaitingRoom(() => null);
    await expectViolations({ showIds: metered, plantTermsBug, ignoredPromises: ['lineMembership'] }, 'entryLimits');
  });

  it('finds waits that end too early, and waits that never end', async () => {
    const sooner = (terms: ShowTerms) => ({ ...terms, queueWaitMs: terms.queueWaitMs - 1000 });
    await expectViolations({ showIds: seatLines, plantTermsBug: sooner }, 'lineMembership');
    const never = (terms: ShowTerms) => ({ ...terms, saleClosesAt: Infinity });
    await expectViolations(
      { showIds: [5, 8], plantTermsBug: never, ignoredPromises: ['saleLimits'] },
      'lineMembership',
    );
  });

  it('finds lines whose next tick is not scheduled', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, dueAt: null }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'lineMembership');
  });

  it('finds an offer without a push message', async () => {
    const plantStoreBug = changeWrittenLines((lines) => ({ ...lines, pushes: lines.pushes.slice(1) }));
    await expectViolations({ showIds: seatLines, plantStoreBug }, 'lineMembership');
  });
});
