import type { LineName, SeatCounts } from '@usher/contract';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { Settlement } from '../../../src/shows/core/commands/outcome.js';
import type { KeyedPlace } from '../../../src/shows/core/model/keyed-place.js';
import type { Line } from '../../../src/shows/core/line/line.js';
import type { Stay, Waiter } from '../../../src/shows/core/model/waiter.js';
import type { KeyUse } from '../../../src/shows/core/model/key-use.js';
import type { ShowState } from '../../../src/shows/core/state/show-state.js';
import { changeableTermsOf, type ShowTerms } from '../../../src/shows/core/model/show-terms.js';

/** Everything that two descriptions of one show must agree on. The order within a list does not matter. */
export interface ShowFacts {
  readonly seq: number;
  readonly version: number;
  readonly calledOff: boolean;
  /** One status per seat. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  readonly liveBookings: Iterable<BookingRecord>;
  /** Each taken seat with the id of its booking. */
  readonly holders: Iterable<readonly [seat: number, bookingId: string]>;
  readonly bookingsBySession: Iterable<readonly [sessionId: string, bookingIds: Iterable<string>]>;
  /** The number of unpaid seats that each session holds. */
  readonly heldBySession: Iterable<readonly [sessionId: string, seatCount: number]>;
  /** The unpaid seats, the places, and the seats that are waited for, of each source that has any. */
  readonly sources: Iterable<
    readonly [source: string, seatCount: number, placeCount: number, waitingSeatCount: number]
  >;
  /** The bookings that will expire. */
  readonly dueBookings: Iterable<string>;
  readonly keys: Iterable<readonly [name: string, use: KeyUse]>;
  readonly settled: Iterable<readonly [paymentId: string, settlement: Settlement]>;
  /** The texts of both lines, from {@link lineText}. */
  readonly lineTexts: readonly string[];
  readonly waiters: Iterable<Waiter>;
  readonly stays: Iterable<Stay>;
  /** The sessions whose stays will end. */
  readonly dueStays: Iterable<string>;
}

/** Everything that two descriptions of one line must agree on. */
export interface LineFacts {
  readonly name: LineName;
  /** Last line ticket, version, lobby size, head, number of waiters, last place. */
  readonly numbers: readonly (number | null)[];
  readonly hash: string;
  readonly waiters: readonly Waiter[];
  /** The line tickets in the order in which they will be served. */
  readonly order: readonly number[];
  /** The number of waiters ahead of each place. The list begins with place 1 and ends one place after the last line ticket. */
  readonly below: readonly number[];
  /**
   * Each request, with the line tickets that wait with this request, and the number of waiters that the line counts for
   * it.
   */
  readonly requests: readonly (readonly [request: string, tickets: readonly number[], waiterCount: number])[];
  readonly due: readonly number[];
  readonly receipts: readonly string[];
}

/**
 * Returns everything that a lane's state says about its show, as one text. Two states are equal if and only if their
 * texts are equal. The text leaves out the line's pace, because it is an estimate. It also leaves out the times of
 * admissions, because equal states may remember them for different periods (see {@link admissionsText}).
 */
export const digestOf = (state: ShowState): string =>
  showText({
    seq: state.seq,
    version: state.version,
    calledOff: state.calledOff,
    seats: state.seats,
    counts: state.counts,
    liveBookings: state.bookings.values(),
    holders: state.holders,
    bookingsBySession: state.bySession,
    heldBySession: state.heldBySession,
    sources: state.sources.entries(),
    dueBookings: state.due.endingBy(Infinity),
    keys: state.keys,
    settled: state.settled,
    lineTexts: [...digestOfLine(state.lines.seats), ...digestOfLine(state.lines.entry)],
    waiters: state.waitersBySession.values(),
    stays: state.stays.bySession.values(),
    dueStays: state.stays.due.endingBy(Infinity),
  });

/** Returns everything that a line of the core says about itself, as texts. */
export function digestOfLine(line: Line): string[] {
  const { name, lastTicket, version, lobbySize, head, waiting, lastPlace, waiters } = line;
  const onlyWaiting = (tickets: readonly number[]) => tickets.filter((lineTicket) => waiters.has(lineTicket));
  return lineText({
    name,
    numbers: [lastTicket, version, lobbySize, head, waiting, lastPlace],
    hash: line.hash,
    waiters: [...waiters.values()],
    order: [...line.inOrder()].map(({ lineTicket }) => lineTicket),
    below: Array.from({ length: lastTicket + 1 }, (_, index) => line.below(index + 1)),
    requests: [...line.groups].map(([key, request]) => [
      key,
      onlyWaiting(request.tickets.slice(request.from)),
      request.waiting,
    ]),
    due: [...line.due.endingBy(Infinity)],
    receipts: line.lobbyReceipts,
  });
}

/** Returns the text by which two descriptions of a show are compared. */
export function showText(facts: ShowFacts): string {
  const { free, held, sold, blocked } = facts.counts;
  const waiters = map(
    facts.waiters,
    ({ sessionId, line, lineTicket, place, hasPassedChallenge }) =>
      `${sessionId} ${line} ${lineTicket} ${place} ${hasPassedChallenge}`,
  );
  return [
    `at ${facts.seq} ${facts.version} ${facts.calledOff}`,
    `seats ${facts.seats.join('')}`,
    `counts ${[free, held, sold, blocked].join(' ')}`,
    ...sorted(map(facts.liveBookings, bookingText)),
    `holders ${sorted(map(facts.holders, ([seat, bookingId]) => `${seat}=${bookingId}`)).join(' ')}`,
    ...sorted(map(facts.bookingsBySession, ([session, ids]) => `${session}: ${sorted(ids).join(' ')}`)),
    `held ${sorted(map(facts.heldBySession, ([session, seats]) => `${session}=${seats}`)).join(' ')}`,
    `sources ${sorted(map(facts.sources, (counts) => counts.join('='))).join(' ')}`,
    `due ${sorted(facts.dueBookings).join(' ')}`,
    ...sorted(map(facts.keys, ([name, use]) => keyText(name, use))),
    ...sorted(map(facts.settled, ([paymentId, settlement]) => `${paymentId} ${settlement}`)),
    ...facts.lineTexts,
    `waiters ${sorted(waiters).join(', ')}`,
    ...sorted(map(facts.stays, stayText)),
    `stays ${sorted(facts.dueStays).join(' ')}`,
  ].join('\n');
}

/** Returns the texts by which two descriptions of a line are compared. */
export function lineText({ name, numbers, hash, waiters, order, below, requests, due, receipts }: LineFacts): string[] {
  const waiterFields = waiters
    .toSorted((a, b) => a.lineTicket - b.lineTicket)
    .map(({ line, lineTicket, place, sessionId, partySize, tiers, kind, ...waiter }) => {
      const { joinedAt, expiresAt, receipt, source, hasPassedChallenge } = waiter;
      const request = [partySize, tiers, kind];
      return [line, lineTicket, place, sessionId, request, joinedAt, expiresAt, receipt, source, hasPassedChallenge];
    });
  const requestTexts = requests.map((request) => JSON.stringify(request));
  return [
    `line ${name} ${numbers.join(' ')} ${hash}`,
    `waiters ${JSON.stringify(waiterFields)}`,
    `order ${order.join(' ')}`,
    `below ${below.join(' ')}`,
    `requests ${requestTexts.toSorted().join(' ')}`,
    `due ${due.toSorted((a, b) => a - b).join(' ')}`,
    `receipts ${receipts.join(' ')}`,
  ];
}

/** Returns the changeable terms of a show as text, with the keys of each object in alphabetical order. */
export const termsText = (terms: ShowTerms): string =>
  JSON.stringify([terms.termsVersion, ...Object.entries(changeableTermsOf(terms))], (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value,
  );

/** Returns the times of the admissions in the minute before `now`, as text. */
export const admissionsText = (admissions: readonly number[], now: number): string =>
  admissions.filter((at) => at > now - 60_000).join(' ');

const map = <T, Result>(items: Iterable<T>, convert: (item: T) => Result): Result[] =>
  [...items].map((item) => convert(item));

const sorted = (texts: Iterable<string>): string[] => [...texts].toSorted((a, b) => (a < b ? -1 : 1));

const bookingText = (b: BookingRecord): string =>
  JSON.stringify([
    b.bookingId,
    b.sessionId,
    b.status,
    b.seats,
    b.amounts,
    b.currency,
    b.substituted,
    b.createdAt,
    b.expiresAt,
    b.firstExpiresAt,
    b.firstVersion,
    b.version,
    b.usedKey?.key,
    b.usedKey?.bodyHash,
    b.lineTicket,
    b.source,
    b.payment?.paymentId,
    b.payment?.status,
    b.payment?.provider,
    b.refundTerms?.startsAt,
    b.refundTerms?.rule?.deadlineMinutes,
    b.refundTerms?.rule?.feeAmount,
  ]);

const placeText = ({ line, lineTicket, at }: KeyedPlace): string =>
  [line, lineTicket, at.version, at.waiting, at.lastTicket, at.ahead].join(' ');

const keyText = (name: string, use: KeyUse): string =>
  [name, use.bodyHash, use.bookingId ?? placeText(use.place), use.createdAt].join(' ');

const stayText = ({ sessionId, admittedAt, until, lineTicket, source }: Stay): string =>
  `inside ${sessionId} ${admittedAt} ${until} ${lineTicket} ${source}`;
