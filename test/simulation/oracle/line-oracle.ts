import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../../src/shows/core/commands/command.js';
import type { LineChange } from '../../../src/shows/core/log/show-change.js';
import type { Waiter } from '../../../src/shows/core/model/waiter.js';
import type { ShowChange } from '../../../src/shows/core/log/show-change.js';
import type { ShowCommit } from '../../../src/shows/core/log/to-commit.js';
import { checkJoinBudget } from './budget-oracle.js';
import type { CheckedShow } from './checked-show.js';
import { canAdmitWaiter, EntryLineOracle } from './entry-line-oracle.js';
import { checkLineProofs } from './line-proofs.js';
import type { Expect } from './promises.js';
import { SeatLineOracle } from './seat-line-oracle.js';

type LeftChange = Extract<LineChange, { type: 'left' }>;

/**
 * Checks that both lines of a show keep their promises. The line for seats gives free seats to waiters. The line for
 * entry admits waiters to a metered show.
 *
 * The oracle checks each change of a commit against the show just before that change: may this session join, leave, get
 * an offer, or enter now? Then it checks the show after the whole commit: no waiter could use a free seat or enter, and
 * no session waits past the end of its wait. This class checks the rules that both lines share. {@link SeatLineOracle}
 * and {@link EntryLineOracle} check the rules that only one line has.
 */
export class LineOracle {
  private readonly seatLine: SeatLineOracle;
  private readonly entryLine: EntryLineOracle;
  /** `showId sessionId` of each session that asked to leave, or whose sockets closed. */
  private readonly leavers = new Set<string>();
  /** `showId sessionId` of each session that bought seats. */
  private readonly buyers = new Set<string>();

  constructor(
    private readonly expect: Expect,
    private readonly countEvent: (event: string) => void,
    private readonly now: () => number,
  ) {
    this.seatLine = new SeatLineOracle(expect, countEvent);
    this.entryLine = new EntryLineOracle(expect, countEvent);
  }

  /** Remembers that a session is about to leave its line or end its stay. */
  recordLeave(showId: number, sessionId: string): void {
    this.leavers.add(`${showId} ${sessionId}`);
  }

  /** Returns true if everybody may enter a show: its entry is not metered, or its sale is over. */
  isOpenToAll({ terms, fold }: CheckedShow): boolean {
    return terms.waitingRoom === null || fold.calledOff || this.now() >= terms.saleClosesAt;
  }

  /** Checks a change just before the fold applies it. */
  checkChange(show: CheckedShow, change: ShowChange, at: number): void {
    switch (change.type) {
      case 'reserved':
        if (change.booking.lineTicket === null) this.seatLine.checkDirectReservation(show, change.booking, at);
        else this.seatLine.checkReservationForLine(show, change.booking, at);
        break;
      case 'booked':
        this.buyers.add(`${show.terms.showId} ${change.booking.sessionId}`);
        break;
      case 'joined':
        this.checkJoin(show, change.waiter, at);
        break;
      case 'challengePassed':
        this.countEvent('line: passed the challenge');
        break;
      case 'left':
        this.checkEndOfWait(show, change, at);
        break;
      case 'offered':
        this.seatLine.checkOffer(show, change);
        break;
      case 'entered':
        this.entryLine.checkAdmission(show, change.stay, at);
        break;
      case 'stayEnded': {
        // A buyer's stay ends with the purchase.
        const name = `${show.terms.showId} ${change.sessionId}`;
        const hasReason = this.leavers.has(name) || this.buyers.has(name);
        this.entryLine.checkEndOfStay(show, change.sessionId, at, hasReason);
        break;
      }
      case 'shuffled':
        this.entryLine.checkLobbyDraw(show, change.seed, at);
        break;
      default:
        break;
    }
  }

  /** Checks the state of the show after a commit. */
  checkAfterCommit(show: CheckedShow, changes: readonly ShowChange[], at: number): void {
    const { terms, fold } = show;
    const { showId } = terms;
    this.seatLine.checkAfterCommit(show);
    const waiters = fold.allWaiters();
    const sessions = new Set(waiters.map(({ sessionId }) => sessionId));
    const areDistinct = sessions.size === waiters.length;
    this.expect('lineMembership', areDistinct, `a session stands twice in the lines of show ${showId}`);
    const late = waiters.find(({ expiresAt }) => expiresAt <= at);
    this.expect('lineMembership', !late, `line ticket ${late?.lineTicket} of show ${showId} waits longer than it may`);
    const isOver = fold.calledOff || at >= terms.saleClosesAt;
    const isEmptyAtEnd = !isOver || waiters.length === 0;
    this.expect('lineMembership', isEmptyAtEnd, `${waiters.length} still wait for show ${showId}, which is over`);
    this.entryLine.checkAfterCommit(show, changes, at);
  }

  /**
   * Checks that a commit schedules the next tick of the lines no later than one second after the next wait or stay
   * ends.
   */
  checkDueTime({ terms, fold }: CheckedShow, { lines, entry: { at } }: ShowCommit): void {
    if (!lines) return;
    const { showId, saleOpensAt, saleClosesAt, waitingRoom } = terms;
    const waiters = fold.allWaiters();
    const isLobby = saleOpensAt !== null && at < saleOpensAt && fold.lines.entry.waiting.size > 0;
    const firstEnd = Math.min(
      ...waiters.map(({ expiresAt }) => expiresAt),
      ...[...fold.stays.values()].map(({ until }) => until),
      waiters.length > 0 ? saleClosesAt : Infinity,
      isLobby && waitingRoom !== null ? (saleOpensAt ?? Infinity) : Infinity,
    );
    const isInTime = (lines.dueAt ?? Infinity) <= firstEnd + 1000;
    const detail = `the lines of show ${showId} are due at ${lines.dueAt}, but a wait or stay ends at ${firstEnd}`;
    this.expect('lineMembership', isInTime, detail);
  }

  /**
   * Checks that a commit adds exactly one push for each offer and for each admission from the line. Pushes reach buyers
   * who closed the page.
   */
  checkPushes({ showId, entry, lines }: ShowCommit): void {
    const wanted = entry.changes.flatMap((change) => {
      if (change.type === 'offered') return `queue:offer ${change.sessionId} ${change.bookingId}`;
      const isAdmitted = change.type === 'entered' && change.stay.lineTicket !== null;
      return isAdmitted ? `queue:admitted ${change.stay.sessionId} null` : [];
    });
    const pushed = lines?.pushes.map((push) => `${push.type} ${push.sessionId} ${push.bookingId}`) ?? [];
    const isSame = pushed.join() === wanted.join();
    this.expect('lineMembership', isSame, `show ${showId} pushes ${pushed.join()} instead of ${wanted.join()}`);
  }

  /** Checks the place in line that a node reported to a session. */
  checkAcknowledgedPlace(
    { terms, fold, rows }: CheckedShow,
    sessionId: string,
    { waiter, at }: Outcome & { type: 'inLine' },
  ): void {
    const { line, lineTicket, receipt, joinedAt, expiresAt, place } = waiter;
    const row = rows.waiters.find((one) => one.line === line && one.lineTicket === lineTicket);
    const reported = { line, lineTicket, receipt, joinedAt, expiresAt, sessionId };
    const isStored = row !== undefined && isDeepStrictEqual(receiptFields(row), reported);
    const detail = `a node gave line ticket ${lineTicket} of show ${terms.showId}, but it is not in the tables`;
    this.expect('truthfulAnswer', isStored, detail);
    if ((at.ahead ?? 0) > 0 && lineTicket < at.lastTicket)
      this.countEvent('line: reported a place in the middle of the line');
    const reportedMoment = JSON.stringify({ waiting: at.waiting, lastTicket: at.lastTicket, place, ahead: at.ahead });
    const trueMoment = JSON.stringify(fold.lines[line].momentAt(at.version, lineTicket));
    this.expect(
      'truthfulPlace',
      reportedMoment === trueMoment,
      `line ticket ${lineTicket} of the ${line} line of show ${terms.showId} was reported as ${reportedMoment}, but it was ${trueMoment}`,
    );
  }

  /**
   * Checks after everything has settled that no waiter is lost, that nothing is overdue, and that the proofs verify.
   */
  async checkFinalState(show: CheckedShow, now: number): Promise<void> {
    const { terms, fold, rows } = show;
    const { showId } = terms;
    await checkLineProofs(show, this.expect);
    const late = [...rows.waiting('seats'), ...rows.waiting('entry')].filter(({ expiresAt }) => expiresAt <= now);
    this.expect('lineMembership', late.length === 0, `${late.length} wait longer than they may for show ${showId}`);
    const overstaying = rows.currentStays().filter(({ until }) => until <= now).length;
    this.expect('entryLimits', overstaying === 0, `${overstaying} are inside show ${showId} longer than they may`);
    const isOver = rows.calledOff || now >= terms.saleClosesAt;
    const isEmptyAtEnd = !isOver || rows.waiters.every(({ waits }) => !waits);
    this.expect('lineMembership', isEmptyAtEnd, `some still wait for show ${showId}, which is over`);
    const canAdmit = canAdmitWaiter({ terms, fold, rows }, now);
    this.expect('entryLimits', !canAdmit, `at the end, show ${showId} could admit a waiter but does not`);
  }

  private checkJoin({ terms, fold }: CheckedShow, waiter: Waiter, at: number): void {
    const { showId, waitingRoom: room, saleOpensAt } = terms;
    const { line, lineTicket, place, sessionId, joinedAt, expiresAt } = waiter;
    const { lastTicket, lobbySize } = fold.lines[line];
    const name = `line ticket ${lineTicket} of the ${line} line of show ${showId}`;
    const expectRule = (isKept: boolean, detail: string) => this.expect('lineMembership', isKept, detail);
    expectRule(lineTicket === lastTicket + 1, `${name} follows ${lastTicket}`);
    expectRule(!fold.waiterOf(sessionId), `${sessionId} gets ${name} but already stands in line`);
    const rightLine = room !== null && !fold.stays.has(sessionId) ? 'entry' : 'seats';
    expectRule(line === rightLine, `${sessionId} gets ${name} but belongs in the ${rightLine} line`);
    const isInLobby = line === 'entry' && saleOpensAt !== null && at < saleOpensAt && lobbySize === null;
    expectRule(place === (isInLobby ? null : lineTicket), `${name} has place ${place}`);
    const waitStartsAt = isInLobby ? saleOpensAt : at;
    const hasRightTimes = joinedAt === at && expiresAt === waitStartsAt + terms.queueWaitMs;
    expectRule(hasRightTimes, `${name} joined at ${joinedAt} and waits until ${expiresAt}`);
    checkJoinBudget(terms, fold, waiter, this.expect);
    const isOver = fold.calledOff || at >= terms.saleClosesAt;
    expectRule(!isOver, `${name} joined after the end of the sale`);
    this.countEvent(isInLobby ? 'line: joined the lobby' : `line: joined ${line}`);
  }

  private checkEndOfWait({ terms, fold }: CheckedShow, change: LeftChange, at: number): void {
    const { line, lineTicket, sessionId, kind, reason } = change;
    const name = `line ticket ${lineTicket} of the ${line} line of show ${terms.showId}`;
    const expectRule = (isKept: boolean, detail: string) => this.expect('lineMembership', isKept, detail);
    const waiter = fold.lines[line].waiting.get(lineTicket);
    this.countEvent(`line: ${kind} ${reason} ${line}`);
    if (kind === 'expire') {
      expectRule(waiter?.sessionId === sessionId, `${name} expired but did not wait`);
      const isOver = fold.calledOff || at >= terms.saleClosesAt;
      const unsold = fold.seats().filter((status) => status < 2).length;
      const isHopeless = line === 'entry' && unsold < (waiter?.partySize ?? 0);
      const isLate = (waiter?.expiresAt ?? Infinity) <= at;
      const hasReason = reason === 'saleClosed' ? isOver : reason === 'cannotBeServed' ? isHopeless : isLate;
      expectRule(hasReason, `${name} expired at ${at} without the reason that it names: ${reason}`);
      return;
    }
    if (kind === 'leave' && waiter) {
      const isWanted = this.leavers.has(`${terms.showId} ${sessionId}`) && waiter.sessionId === sessionId;
      expectRule(isWanted, `${name} left, but no client asked for that`);
      return;
    }
    expectRule(!waiter, `${name} lapsed but still waits`);
    if (kind === 'leave') this.countEvent('line: offer declined');
    const joined = fold.lines[line].joined.get(lineTicket);
    expectRule(joined?.sessionId === sessionId, `${name} does not belong to ${sessionId}`);
  }
}

const receiptFields = ({ line, lineTicket, receipt, joinedAt, expiresAt, sessionId }: Waiter) => ({
  line,
  lineTicket,
  receipt,
  joinedAt,
  expiresAt,
  sessionId,
});
