import { verify } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { verifyLine } from '../../../libs/client/src/verify-line/verify-line.js';
import type { Outcome } from '../../../src/shows/core/command.js';
import type { LineChange, Shopper, Waiter } from '../../../src/shows/core/line/waiter.js';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import type { ShowChange } from '../../../src/shows/core/show-log.js';
import type { ShowCommit } from '../../../src/shows/store/show-store.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { PlainFold } from './digest.js';
import type { Violation } from './promises.js';
import { lineNames, type SimulatedLines } from '../database/simulated-line-tables.js';
import { sessionHashOf, testReceiptKey, testReceiptKeyText } from '../fixtures/small-show.js';

/** One show as the line's judge knows it. */
export interface JudgedShow {
  readonly terms: ShowTerms;
  /** Before the change that is judged, or after the commit. */
  readonly fold: PlainFold;
  readonly rows: SimulatedLines;
}

type Left = Extract<LineChange, { type: 'left' }>;

/**
 * Knows what both lines promise, in the plainest words: looks at each change of each commit as it follows from those
 * before it, and at what a commit leaves behind.
 */
export class LineOracle {
  /** Sessions by show that asked to leave, or whose sockets were gone. */
  private readonly leaves = new Set<string>();
  /** Sessions that bought seats of a show. */
  private readonly buyers = new Set<string>();
  private readonly drawn = new Set<number>();

  constructor(
    private readonly expect: (promise: Violation['promise'], kept: boolean, what: string) => void,
    private readonly saw: (what: string) => void,
    private readonly now: () => number,
  ) {}

  /** A session is about to leave its line or its stay. */
  leaveAsked(showId: number, sessionId: string): void {
    this.leaves.add(`${showId} ${sessionId}`);
  }

  /** Whether nobody is kept out of a show: its entry is not metered, or its sale is over. */
  isOpenToAll({ terms, fold }: JudgedShow): boolean {
    return terms.waitingRoom === null || fold.calledOff || this.now() >= terms.saleClosesAt;
  }

  /** Looks at a change just before it is folded. */
  judge(show: JudgedShow, change: ShowChange, at: number): void {
    switch (change.type) {
      case 'reserved':
        if (change.booking.ticket === null) this.reservedOutside(show, change.booking, at);
        else this.reservedForLine(show, change.booking, at);
        break;
      case 'booked':
        this.buyers.add(`${show.terms.showId} ${change.booking.sessionId}`);
        break;
      case 'joined':
        this.joined(show, change.waiter, at);
        break;
      case 'left':
        this.left(show, change, at);
        break;
      case 'offered':
        this.offered(show, change);
        break;
      case 'entered':
        this.entered(show, change.shopper, at);
        break;
      case 'stayEnded':
        this.stayEnded(show, change.sessionId, at);
        break;
      case 'shuffled':
        this.shuffled(show, change.seed, at);
        break;
      default:
        break;
    }
  }

  /** Looks at what a commit left behind. */
  judgeAfter({ terms, fold, rows }: JudgedShow, changes: readonly ShowChange[], at: number): void {
    const { showId, waitingRoom: room } = terms;
    const { seats, entry } = fold.lines;
    const free = freeSeats(fold);
    const eligible = inOrder(fold).filter((waiter) => isAllowed(terms, fold, waiter));
    const mayBeServed = terms.rules.strictLine ? eligible.slice(0, 1) : eligible;
    const first = mayBeServed.find((waiter) => canUse(terms, free, waiter));
    this.expect(
      5,
      !first,
      `seats ${free.join()} of show ${showId} stay free, and ticket ${first?.ticket} could use them`,
    );
    const everybody = [...seats.waiting.values(), ...entry.waiting.values()];
    const sessions = new Set(everybody.map(({ sessionId }) => sessionId));
    this.expect('line', sessions.size === everybody.length, `a session stands twice in lines of show ${showId}`);
    const late = everybody.find(({ expiresAt }) => expiresAt <= at);
    this.expect('line', !late, `ticket ${late?.ticket} of show ${showId} waits on after its time`);
    const isOver = fold.calledOff || at >= terms.saleClosesAt;
    this.expect(
      'line',
      !isOver || everybody.length === 0,
      `${everybody.length} wait for show ${showId}, which is over`,
    );
    const stayed = [...fold.shoppers.values()].find(({ until }) => until <= at);
    this.expect('entry', !stayed, `${stayed?.sessionId} is inside show ${showId} after its time`);
    // Who comes first of a lobby is known with the commit that draws its places; the next one lets them in.
    const isDrawn = changes.some(({ type }) => type === 'shuffled');
    const shouldBeDrawn = room !== null && terms.saleOpensAt !== null && at >= terms.saleOpensAt && !isOver;
    this.expect('entry', !shouldBeDrawn || entry.lobbySize !== null, `the lobby of show ${showId} is not drawn`);
    this.expect('entry', isDrawn || !canAdmit({ terms, fold, rows }, at), `show ${showId} could let somebody in`);
  }

  /** Looks at when a commit wants the lines to be looked at. */
  judgeDue({ terms, fold }: JudgedShow, { lines, entry: { at } }: ShowCommit): void {
    if (!lines) return;
    const { seats, entry } = fold.lines;
    const everybody = [...seats.waiting.values(), ...entry.waiting.values()];
    const isLobby = terms.saleOpensAt !== null && at < terms.saleOpensAt && entry.waiting.size > 0;
    const firstEnd = Math.min(
      ...everybody.map(({ expiresAt }) => expiresAt),
      ...[...fold.shoppers.values()].map(({ until }) => until),
      everybody.length > 0 ? terms.saleClosesAt : Infinity,
      isLobby && terms.waitingRoom !== null ? (terms.saleOpensAt ?? Infinity) : Infinity,
    );
    this.expect(
      'line',
      (lines.dueAt ?? Infinity) <= firstEnd + 1000,
      `the lines of ${terms.showId} are to be looked at by ${lines.dueAt}, and something ends at ${firstEnd}`,
    );
  }

  /** Looks at what is to be told to those who closed the page: each offer and each admission from the line, once. */
  judgePushes({ showId, entry, lines }: ShowCommit): void {
    const wanted = entry.changes.flatMap((change) => {
      if (change.type === 'offered') return `queue:offer ${change.sessionId} ${change.bookingId}`;
      const isAdmitted = change.type === 'entered' && change.shopper.ticket !== null;
      return isAdmitted ? `queue:admitted ${change.shopper.sessionId} null` : [];
    });
    const pushed = lines?.pushes.map((push) => `${push.type} ${push.sessionId} ${push.bookingId}`) ?? [];
    this.expect('line', pushed.join() === wanted.join(), `show ${showId} pushes ${pushed.join()} for ${wanted.join()}`);
  }

  /** A session was answered with its place in line. */
  acknowledged({ terms, fold, rows }: JudgedShow, sessionId: string, outcome: Outcome & { type: 'inLine' }): void {
    const { waiter, at } = outcome;
    const row = rows.waiters.find(({ line, ticket }) => line === waiter.line && ticket === waiter.ticket);
    const { line, ticket, receipt, joinedAt, expiresAt } = waiter;
    const same = row && isDeepStrictEqual(pick(row), { line, ticket, receipt, joinedAt, expiresAt, sessionId });
    this.expect(6, same === true, `ticket ${ticket} of show ${terms.showId} was given and is not in the tables`);
    const moment = fold.lines[line].momentAt(at.version, ticket);
    if ((at.ahead ?? 0) > 0 && ticket < at.lastTicket) this.saw('line: told its place in the middle of the line');
    const told = { waiting: at.waiting, lastTicket: at.lastTicket, place: waiter.place, ahead: at.ahead };
    const [said, was] = [told, moment].map((one) => JSON.stringify(one));
    this.expect(
      'told',
      said === was,
      `ticket ${ticket} of the ${line} line of ${terms.showId} was told ${said}, and it was ${was}`,
    );
  }

  /** In the end: nobody is lost, nothing is overdue, and the published proof of each line holds. */
  async judgeTheEnd({ terms, fold, rows }: JudgedShow, now: number): Promise<void> {
    const { showId } = terms;
    for (const line of lineNames) {
      const proof = rows.proof(line, testReceiptKeyText);
      if (proof.chain.length === 0) continue;
      const { findings } = await verifyLine({ proof, line });
      this.expect('proof', findings.length === 0, `the ${line} line of ${showId}: ${findings[0]?.text}`);
      for (const waiter of rows.waiters.filter((row) => row.line === line)) {
        const ends = proof.chain.filter(({ ticket, kind }) => ticket === waiter.ticket && kind !== 'join');
        const endings = ends.filter(
          ({ kind }, at) => at === 0 || kind === 'admit' || kind === 'offer' || kind === 'expire',
        );
        const isThere = waiter.waits ? ends.length === 0 : endings.length === 1;
        this.expect('line', isThere, `ticket ${waiter.ticket} of the ${line} line of ${showId} is lost`);
        const text = receiptText(showId, waiter);
        const isSigned = verify(null, Buffer.from(text), testReceiptKey, Buffer.from(waiter.receipt, 'base64url'));
        this.expect('proof', isSigned, `the receipt of ticket ${waiter.ticket} of show ${showId} is not signed`);
      }
    }
    const due = [...rows.waiting('seats'), ...rows.waiting('entry')].filter(({ expiresAt }) => expiresAt <= now);
    this.expect('line', due.length === 0, `${due.length} wait for show ${showId} after their time`);
    const over = rows.inside().filter(({ until }) => until <= now);
    this.expect('entry', over.length === 0, `${over.length} are inside show ${showId} after their time`);
    const isClosed = rows.calledOff || now >= terms.saleClosesAt;
    this.expect(
      'line',
      !isClosed || rows.waiters.every(({ waits }) => !waits),
      `some wait for show ${showId}, which is over`,
    );
    this.expect('entry', !canAdmit({ terms, fold, rows }, now), `show ${showId} could let somebody in, in the end`);
  }

  private reservedOutside({ terms, fold }: JudgedShow, { bookingId, sessionId }: BookingRecord, at: number): void {
    const isInside = terms.waitingRoom === null || fold.shoppers.has(sessionId);
    this.expect(
      'entry',
      isInside,
      `${sessionId} is not inside show ${terms.showId} and reserved ${bookingId} at ${at}`,
    );
    const free = freeSeats(fold);
    const first = inOrder(fold).find((waiter) => isAllowed(terms, fold, waiter) && canUse(terms, free, waiter));
    this.expect(5, !first, `${bookingId} went past ticket ${first?.ticket} of show ${terms.showId}`);
    const isStrict = terms.rules.strictLine && fold.lines.seats.waiting.size > 0;
    this.expect(5, !isStrict, `${bookingId} went past the strict line of show ${terms.showId}`);
  }

  private reservedForLine({ terms, fold }: JudgedShow, booking: BookingRecord, at: number): void {
    const { bookingId, sessionId, ticket, seats } = booking;
    const { showId } = terms;
    const waiter = fold.lines.seats.waiting.get(ticket ?? 0);
    const isTheirs = waiter?.sessionId === sessionId;
    this.expect(5, isTheirs, `${bookingId} is offered to ticket ${ticket} of show ${showId}, which does not wait`);
    if (!waiter) return;
    this.expect(5, waiter.expiresAt > at, `ticket ${ticket} of show ${showId} is offered seats after its time`);
    const fits = seats.length === waiter.partySize && canUse(terms, seats, waiter);
    this.expect(5, fits, `seats ${seats.join()} of show ${showId} are not what ticket ${ticket} waits for`);
    const isMuch = fold.heldBy(sessionId) + waiter.partySize > heldMax(terms);
    this.expect(5, !isMuch, `ticket ${ticket} of show ${showId} is offered more than it may hold`);
    const free = freeSeats(fold);
    const lower = inOrder(fold).filter(({ place }) => (place ?? 0) < (waiter.place ?? 0));
    const passed = lower.find((one) => isAllowed(terms, fold, one) && canUse(terms, free, one));
    this.expect(5, !passed, `ticket ${ticket} of show ${showId} was served before ${passed?.ticket}`);
    if (lower.length > 0) this.saw('line: passed by a smaller party');
    if (!terms.rules.strictLine) return;
    const head = headOf(terms, fold);
    this.expect(5, head?.ticket === ticket, `ticket ${ticket} of strict show ${showId} before ${head?.ticket}`);
  }

  private offered({ terms, fold }: JudgedShow, { ticket, bookingId }: { ticket: number; bookingId: string }): void {
    const isHeld = fold.live.get(bookingId)?.ticket === ticket && fold.lines.seats.waiting.has(ticket);
    this.expect(
      5,
      isHeld,
      `ticket ${ticket} of show ${terms.showId} is offered ${bookingId}, which is not held for it`,
    );
    this.saw(terms.rules.strictLine ? 'line: offered in a strict line' : 'line: offered');
  }

  private joined({ terms, fold }: JudgedShow, waiter: Waiter, at: number): void {
    const { showId, waitingRoom: room, saleOpensAt } = terms;
    const { line, ticket, place, sessionId, joinedAt, expiresAt } = waiter;
    const { lastTicket, lobbySize } = fold.lines[line];
    const what = `ticket ${ticket} of the ${line} line of show ${showId}`;
    this.expect('line', ticket === lastTicket + 1, `${what} follows ${lastTicket}`);
    this.expect('line', !fold.waiterOf(sessionId), `${sessionId} stands in line already and is given ${what}`);
    const right = room !== null && !fold.shoppers.has(sessionId) ? 'entry' : 'seats';
    this.expect('line', line === right, `${sessionId} is given ${what} and should stand in the other line`);
    const inLobby = line === 'entry' && saleOpensAt !== null && at < saleOpensAt && lobbySize === null;
    this.expect('line', place === (inLobby ? null : ticket), `${what} has place ${place}`);
    const from = inLobby ? saleOpensAt : at;
    this.expect('line', joinedAt === at && expiresAt === from + terms.queueWaitMs, `${what} waits to ${expiresAt}`);
    const isOver = fold.calledOff || at >= terms.saleClosesAt;
    this.expect('line', !isOver, `${what} joined after the sale's end`);
    this.saw(inLobby ? 'line: joined the lobby' : `line: joined ${line}`);
  }

  private left({ terms, fold }: JudgedShow, { line, ticket, sessionId, kind, reason }: Left, at: number): void {
    const what = `ticket ${ticket} of the ${line} line of show ${terms.showId}`;
    const waiter = fold.lines[line].waiting.get(ticket);
    this.saw(`line: ${kind} ${reason} ${line}`);
    if (kind === 'expire') {
      this.expect('line', waiter?.sessionId === sessionId, `${what} ended and did not wait`);
      const isOver = fold.calledOff || at >= terms.saleClosesAt;
      const unsold = fold.seats().filter((status) => status < 2).length;
      const isHopeless = line === 'entry' && unsold < (waiter?.partySize ?? 0);
      const isLate = (waiter?.expiresAt ?? Infinity) <= at;
      const isDue = reason === 'saleClosed' ? isOver : reason === 'cannotBeServed' ? isHopeless : isLate;
      this.expect('line', isDue, `the wait of ${what} ended with ${reason} at ${at}`);
      return;
    }
    if (kind === 'leave' && waiter) {
      const isAsked = this.leaves.has(`${terms.showId} ${sessionId}`) && waiter.sessionId === sessionId;
      this.expect('line', isAsked, `${what} left, which nobody wants`);
      return;
    }
    this.expect('line', !waiter, `${what} lapsed and still waits`);
    if (kind === 'leave') this.saw('line: offer declined');
    const joined = fold.lines[line].joined.get(ticket);
    this.expect('line', joined?.sessionId === sessionId, `${what} is not ${sessionId}'s`);
  }

  private entered({ terms, fold }: JudgedShow, { sessionId, ticket, until }: Shopper, at: number): void {
    const { showId, waitingRoom: room } = terms;
    const { entry } = fold.lines;
    this.expect('entry', room !== null, `${sessionId} is let into show ${showId}, which has no waiting room`);
    if (room === null) return;
    const what = `${sessionId} (ticket ${ticket}) is let into show ${showId}`;
    this.expect('entry', !fold.shoppers.has(sessionId), `${what} and is inside`);
    this.expect('entry', fold.shoppers.size < room.maxShoppers, `${what}, where ${fold.shoppers.size} are inside`);
    this.expect('entry', at >= (terms.saleOpensAt ?? -Infinity), `${what} before the sale opens`);
    this.expect('entry', until === at + room.shopMs, `${what} until ${until}`);
    this.expect('entry', !fold.calledOff && at < terms.saleClosesAt, `${what} after the sale's end`);
    if (ticket === null) {
      const isOpen = room.mode === 'auto' && entry.waiting.size === 0;
      this.expect('entry', isOpen, `${what} past those who wait`);
      this.saw('line: let in at once');
      return;
    }
    this.expect('entry', entry.waiting.get(ticket)?.sessionId === sessionId, `${what} and does not wait`);
    const first = entry.inOrder()[0];
    this.expect('entry', first?.ticket === ticket, `${what} before ticket ${first?.ticket}`);
    const isUnplaced = [...entry.waiting.values()].some(({ place }) => place === null);
    this.expect('entry', !isUnplaced, `${what} before the lobby's places are drawn`);
    const inMinute = fold.admissions.filter((one) => one > at - 60_000).length;
    this.expect('entry', inMinute < (room.admitPerMinute ?? Infinity), `${what} as one of ${inMinute + 1} in a minute`);
    this.saw('line: admitted');
  }

  private stayEnded({ terms, fold }: JudgedShow, sessionId: string, at: number): void {
    const shopper = fold.shoppers.get(sessionId);
    const name = `${terms.showId} ${sessionId}`;
    // Whoever has bought is inside no longer.
    const isWanted = this.leaves.has(name) || this.buyers.has(name) || (shopper?.until ?? Infinity) <= at;
    this.expect('entry', isWanted, `the stay of ${sessionId} in show ${terms.showId} ends at ${at}, before its time`);
    this.saw('line: stay ended');
  }

  private shuffled({ terms, rows }: JudgedShow, seed: string, at: number): void {
    const { showId, saleOpensAt } = terms;
    this.expect(
      'entry',
      saleOpensAt !== null && at >= saleOpensAt,
      `the lobby of show ${showId} is drawn before its time`,
    );
    this.expect('entry', !this.drawn.has(showId), `the lobby of show ${showId} is drawn twice`);
    this.expect('proof', seed === rows.lobbySeed, `the lobby of show ${showId} is drawn by another seed`);
    this.drawn.add(showId);
    this.saw('line: shuffled');
  }
}

const heldMax = ({ rules, seatsMax }: ShowTerms): number => rules.maxSeatsPerSession ?? seatsMax;

const freeSeats = (fold: PlainFold): number[] =>
  [...fold.seats().entries()].flatMap(([seat, status]) => (status === 0 ? seat : []));

const inOrder = (fold: PlainFold): Waiter[] => fold.lines.seats.inOrder();

/** Whether a waiter's wish could be granted with these seats alone. */
function canUse({ layout }: ShowTerms, seats: readonly number[], { partySize, tiers, kind }: Waiter): boolean {
  const fitting = seats.filter((at) => {
    const seat = layout.seats[at];
    return seat && (tiers === null || tiers.includes(seat.tier)) && (kind === null || seat.kind === kind);
  });
  return fitting.length >= partySize;
}

/** Whether a waiter's session may hold as many seats more as it waits for. */
const isAllowed = (terms: ShowTerms, fold: PlainFold, { sessionId, partySize }: Waiter): boolean =>
  fold.heldBy(sessionId) + partySize <= heldMax(terms);

/** Who is to be served next in a strict line. */
const headOf = (terms: ShowTerms, fold: PlainFold): Waiter | undefined =>
  inOrder(fold).find((waiter) => isAllowed(terms, fold, waiter));

/** Whether there is room and pace for somebody who waits. */
function canAdmit({ terms, fold }: JudgedShow, at: number): boolean {
  const { waitingRoom: room, saleOpensAt } = terms;
  if (room === null || fold.lines.entry.inOrder().length === 0 || at < (saleOpensAt ?? -Infinity)) return false;
  const isSoldOut = fold.seats().every((status) => status === 2 || status === 3);
  const within = (ms: number) => fold.admissions.filter((one) => one > at - ms).length;
  const perMinute = room.admitPerMinute ?? Infinity;
  const hasPace = within(60_000) < perMinute && within(1000) < Math.ceil(perMinute / 60);
  return !isSoldOut && hasPace && fold.shoppers.size < room.maxShoppers;
}

const pick = ({ line, ticket, receipt, joinedAt, expiresAt, sessionId }: Waiter) => ({
  line,
  ticket,
  receipt,
  joinedAt,
  expiresAt,
  sessionId,
});

const receiptText = (showId: number, { line, ticket, joinedAt, sessionId }: Waiter): string =>
  ['usher-receipt-1', showId, line, ticket, new Date(joinedAt).toISOString(), sessionHashOf(sessionId)].join('|');
