import type { Stay } from '../../../src/shows/core/model/waiter.js';
import type { ShowChange } from '../../../src/shows/core/log/show-change.js';
import type { CheckedShow } from './checked-show.js';
import type { Expect } from './promises.js';

/** Checks that a metered show admits the right waiters at the right pace, and that it ends each stay in time. */
export class EntryLineOracle {
  /** Ids of the shows whose lobby has been drawn. */
  private readonly drawnShows = new Set<number>();

  constructor(
    private readonly expect: Expect,
    private readonly countEvent: (event: string) => void,
  ) {}

  /** Checks that a session may enter now, from the line or directly. */
  checkAdmission({ terms, fold }: CheckedShow, { sessionId, lineTicket, until }: Stay, at: number): void {
    const { showId, waitingRoom: room } = terms;
    const { entry } = fold.lines;
    const expectRule = (isKept: boolean, detail: string) => this.expect('entryLimits', isKept, detail);
    expectRule(room !== null, `show ${showId} admits ${sessionId} but has no waiting room`);
    if (room === null) return;
    const event = `show ${showId} admits ${sessionId} (line ticket ${lineTicket})`;
    expectRule(!fold.stays.has(sessionId), `${event}, who is already inside`);
    expectRule(fold.stays.size < room.maxShoppers, `${event} although ${fold.stays.size} are inside`);
    expectRule(at >= (terms.saleOpensAt ?? -Infinity), `${event} before the sale opens`);
    expectRule(until === at + room.shopMs, `${event} until ${until}`);
    expectRule(!fold.calledOff && at < terms.saleClosesAt, `${event} after the end of the sale`);
    if (lineTicket === null) {
      const isOpen = room.mode === 'auto' && entry.waiting.size === 0;
      expectRule(isOpen, `${event} before the waiters in line`);
      this.countEvent('line: admitted without a wait');
      return;
    }
    expectRule(entry.waiting.get(lineTicket)?.sessionId === sessionId, `${event}, who does not wait`);
    const first = entry.inOrder()[0];
    expectRule(first?.lineTicket === lineTicket, `${event} before line ticket ${first?.lineTicket}`);
    const isUndrawn = [...entry.waiting.values()].some(({ place }) => place === null);
    expectRule(!isUndrawn, `${event} before the places of the lobby are drawn`);
    const inLastMinute = fold.admissions.filter((one) => one > at - 60_000).length;
    const isWithinPace = inLastMinute < (room.admitPerMinute ?? Infinity);
    expectRule(isWithinPace, `${event} as number ${inLastMinute + 1} within a minute`);
    this.countEvent('line: admitted');
  }

  /**
   * Checks that a stay ends for a reason.
   *
   * @param hasReason true if the session left, closed its sockets, or bought seats
   */
  checkEndOfStay({ terms, fold }: CheckedShow, sessionId: string, at: number, hasReason: boolean): void {
    const isOver = (fold.stays.get(sessionId)?.until ?? Infinity) <= at;
    const detail = `the stay of ${sessionId} in show ${terms.showId} ends at ${at}, before its time`;
    this.expect('entryLimits', hasReason || isOver, detail);
    this.countEvent('line: stay ended');
  }

  /** Checks that a lobby is drawn once, after the sale opens, with the seed that the show committed to. */
  checkLobbyDraw({ terms, rows }: CheckedShow, seed: string, at: number): void {
    const { showId, saleOpensAt } = terms;
    const isOpen = saleOpensAt !== null && at >= saleOpensAt;
    this.expect('entryLimits', isOpen, `the lobby of show ${showId} is drawn before the sale opens`);
    this.expect('entryLimits', !this.drawnShows.has(showId), `the lobby of show ${showId} is drawn twice`);
    this.expect('verifiableProof', seed === rows.lobbySeed, `the lobby of show ${showId} is drawn with a wrong seed`);
    this.drawnShows.add(showId);
    this.countEvent('line: shuffled');
  }

  /**
   * Checks the show after a commit. No session may be inside too long, and no lobby may still be undrawn after the sale
   * has opened. No waiter who could enter may still wait.
   */
  checkAfterCommit(show: CheckedShow, changes: readonly ShowChange[], at: number): void {
    const { terms, fold } = show;
    const { showId, waitingRoom: room, saleOpensAt, saleClosesAt } = terms;
    const overstaying = [...fold.stays.values()].find(({ until }) => until <= at);
    const detail = `${overstaying?.sessionId} is inside show ${showId} longer than it may`;
    this.expect('entryLimits', !overstaying, detail);
    const isOver = fold.calledOff || at >= saleClosesAt;
    const mustBeDrawn = room !== null && saleOpensAt !== null && at >= saleOpensAt && !isOver;
    const isDrawn = fold.lines.entry.lobbySize !== null;
    this.expect('entryLimits', !mustBeDrawn || isDrawn, `the lobby of show ${showId} is not drawn`);
    // The commit that draws the places of a lobby admits nobody. The next commit admits the first waiters.
    const isDraw = changes.some(({ type }) => type === 'shuffled');
    this.expect('entryLimits', isDraw || !canAdmitWaiter(show, at), `show ${showId} could admit a waiter but does not`);
  }
}

/**
 * Returns whether a show could admit a waiter now. A waiter must have a place, and the show must not be sold out. The
 * capacity and the pace must allow one more admission.
 */
export function canAdmitWaiter({ terms, fold }: CheckedShow, at: number): boolean {
  const { waitingRoom: room, saleOpensAt } = terms;
  if (room === null || fold.lines.entry.inOrder().length === 0 || at < (saleOpensAt ?? -Infinity)) return false;
  const isSoldOut = fold.seats().every((status) => status === 2 || status === 3);
  const admittedWithin = (ms: number) => fold.admissions.filter((one) => one > at - ms).length;
  const perMinute = room.admitPerMinute ?? Infinity;
  const hasPace = admittedWithin(60_000) < perMinute && admittedWithin(1000) < Math.ceil(perMinute / 60);
  return !isSoldOut && hasPace && fold.stays.size < room.maxShoppers;
}
