import { createHash } from 'node:crypto';
import type { LineName } from '@usher/contract';
import type { StoredChange } from '../../../src/shows/core/log/show-change.js';
import type { ChaosShow } from '../history.js';
import type { SeenQueue } from '../messages.js';
import type { ShowTables } from '../tables.js';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** Maximum number of seats of one show that a session may hold at once. */
const heldSeatsMax = 10;

type Joined = Extract<StoredChange, { type: 'joined' }>['waiter'];
type Reserved = Extract<StoredChange, { type: 'reserved' }>['booking'];

/**
 * Replays a show's log and checks the promises about seats and waiters in the simplest way. Works only if all seats of
 * the show are alike.
 */
class LogReading {
  readonly violations: { readonly description: string; readonly about: readonly string[] }[] = [];
  readonly waiting: Record<LineName, Map<number, Joined>> = { seats: new Map(), entry: new Map() };
  private readonly lastTicket: Record<LineName, number> = { seats: 0, entry: 0 };
  private readonly live = new Map<string, Reserved>();
  private readonly inside = new Set<string>();
  private readonly free: Set<number>;

  constructor(
    private readonly show: ChaosShow,
    { log }: ShowTables,
  ) {
    this.free = new Set(Array.from({ length: show.seatCount }, (_, seat) => seat));
    for (const { seq, changes } of log) {
      for (const change of changes) this.applyChange(change);
      const idle = this.nextToServe();
      if (idle)
        this.report(
          `${this.free.size} seats stay free after commit ${seq}, but line ticket ${idle.ticket} could use them`,
          idle,
        );
    }
  }

  private report(description: string, ...about: readonly { readonly sessionId: string }[]): void {
    this.violations.push({
      description: `show ${this.show.showId}: ${description}`,
      about: about.map(({ sessionId }) => sessionId),
    });
  }

  private applyChange(change: StoredChange): void {
    switch (change.type) {
      case 'reserved':
        return this.reserve(change.booking);
      case 'ended':
        if (!this.live.delete(change.bookingId))
          this.violations.push({ description: `booking ${change.bookingId} ended twice`, about: [change.bookingId] });
        for (const seat of change.seats) this.free.add(seat);
        return;
      case 'joined':
        return this.join(change.waiter);
      case 'left':
        this.waiting[change.line].delete(change.ticket);
        return;
      case 'offered':
        if (!this.waiting.seats.delete(change.ticket))
          this.report(`line ticket ${change.ticket} was offered seats but did not wait`, change);
        return;
      case 'entered':
        return this.enter(change.shopper);
      case 'stayEnded':
        this.inside.delete(change.sessionId);
        return;
      default:
        return;
    }
  }

  private join(waiter: Joined): void {
    const { line, ticket, sessionId } = waiter;
    if (ticket !== this.lastTicket[line] + 1)
      this.report(`line ticket ${ticket} follows line ticket ${this.lastTicket[line]}`, waiter);
    const stands = [...this.waiting.seats.values(), ...this.waiting.entry.values()].some(
      (one) => one.sessionId === sessionId,
    );
    if (stands) this.report(`a session that already waits got line ticket ${ticket}`, waiter);
    this.lastTicket[line] = ticket;
    this.waiting[line].set(ticket, waiter);
  }

  private reserve(booking: Reserved): void {
    const { bookingId, seats, ticket } = booking;
    const first = this.nextToServe();
    if (ticket === undefined) {
      const [head] = this.waiting.seats.values();
      const overtaken = this.show.isStrict ? head : first;
      if (overtaken)
        this.report(
          `booking ${bookingId}, made outside the line, got seats that line ticket ${overtaken.ticket} should get`,
          booking,
          overtaken,
        );
    } else if (first?.ticket !== ticket) {
      const other = first ? `line ticket ${first.ticket}` : 'no line ticket';
      this.report(
        `line ticket ${ticket} was offered seats that ${other} should get`,
        booking,
        ...(first ? [first] : []),
      );
    }
    for (const seat of seats) {
      if (this.free.delete(seat)) continue;
      const holder = [...this.live.values()].find((one) => one.seats.includes(seat));
      this.violations.push({
        description: `show ${this.show.showId}: the log gives seat ${seat} to ${bookingId} while ${holder?.bookingId} has it`,
        about: [bookingId, holder?.bookingId ?? ''],
      });
    }
    this.live.set(bookingId, booking);
  }

  private enter({ sessionId, ticket }: Extract<StoredChange, { type: 'entered' }>['shopper']): void {
    const [head] = this.waiting.entry.values();
    if (head && head.ticket !== ticket)
      this.report(`session ${sessionId} was admitted before line ticket ${head.ticket}`, head, { sessionId });
    if (ticket !== null) this.waiting.entry.delete(ticket);
    this.inside.add(sessionId);
    const most = this.show.shoppersMax ?? 0;
    if (this.inside.size > most)
      this.report(`${this.inside.size} sessions are inside, but only ${most} may be`, { sessionId });
  }

  /**
   * Returns the waiter with the lowest line ticket who could use the free seats now. A strict line may serve only its
   * first waiter.
   */
  private nextToServe(): Joined | undefined {
    for (const waiter of this.waiting.seats.values()) {
      if (!this.canHoldMore(waiter)) continue;
      if (waiter.partySize <= this.free.size) return waiter;
      if (this.show.isStrict) return undefined;
    }
    return undefined;
  }

  private canHoldMore({ sessionId, partySize }: Joined): boolean {
    const held = [...this.live.values()].filter((one) => one.sessionId === sessionId);
    return held.reduce((sum, { seats }) => sum + seats.length, partySize) <= heldSeatsMax;
  }
}

/**
 * Checks that the log serves the waiters of both lines in the order of their places, and that it reserves no seat
 * twice.
 */
export function checkLines(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  return shows.flatMap((tables) => {
    const show = timeline.shows.find(({ showId }) => showId === tables.showId);
    if (!show) return [];
    const { violations, waiting } = new LogReading(show, tables);
    const listWaiting = (line: LineName) =>
      [...waiting[line].values()].map(({ ticket, sessionId }) => ({ line, ticket, sessionId }));
    const left = JSON.stringify([...listWaiting('entry'), ...listWaiting('seats')]);
    if (left !== JSON.stringify(tables.waiters))
      violations.push({
        description: `show ${show.showId}: the waiters in the tables differ from those in the log`,
        about: [],
      });
    if (!isChain(tables))
      violations.push({ description: `show ${show.showId}: the chain of a line has a gap or a wrong hash`, about: [] });
    return violations.map(({ description, about }) => ({
      promise: 'lines serve in order' as const,
      description,
      about,
    }));
  });
}

function isChain({ chain }: ShowTables): boolean {
  return (['seats', 'entry'] as const).every((name) => {
    let previous = '0'.repeat(64);
    return chain
      .filter(({ line }) => line === name)
      .every(({ n, at, kind, ticket, hash }, index) => {
        const link = `${previous}|${n}|${new Date(at).toISOString()}|${kind}|${ticket ?? ''}`;
        previous = createHash('sha256').update(link).digest('hex');
        return n === index + 1 && hash === previous;
      });
  });
}

/**
 * Checks that a line ticket belongs, until its wait ends, to the session to which it was reported. Checks that no offer
 * skips such a line ticket.
 */
export function checkPlaces(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const waits = shows.flatMap(waitsOf);
  const broken = (
    promise: Violation['promise'],
    description: string,
    about: readonly (string | number)[],
  ): Violation => ({
    promise,
    description,
    about,
  });
  const violations: Violation[] = [];
  for (const { call, sessionId, invoked, ended, event, payload, answer } of timeline.calls) {
    if (!answer?.ok || answer.queue === undefined) continue;
    const { queue } = answer;
    const own = waits.filter((one) => one.sessionId === sessionId && one.showId === payload.showId);
    if (queue) {
      if (own.some(({ line, ticket }) => line === queue.line && ticket === queue.ticket)) continue;
      violations.push(
        broken(
          'line tickets keep their places',
          `the answer to call ${call} has line ticket ${queue.ticket}, which belongs to another session in the log`,
          [call, sessionId],
        ),
      );
    } else if (event === 'queue:status') {
      const lost = own.find(
        (one) => timeline.toRecorderTime(one.joinedAt).to < invoked && timeline.toRecorderTime(one.leftAt).from > ended,
      );
      if (lost)
        violations.push(
          broken(
            'line tickets keep their places',
            `the answer to call ${call} has no place although line ticket ${lost.ticket} waited`,
            [call, sessionId],
          ),
        );
    }
  }
  return [...violations, ...findOvertaken(timeline, shows)];
}

interface Wait {
  readonly showId: number;
  readonly line: LineName;
  readonly ticket: number;
  readonly sessionId: string;
  readonly joinedAt: number;
  /** When the wait ended, or Infinity if the session still waits. */
  readonly leftAt: number;
}

function waitsOf({ showId, log }: ShowTables): Wait[] {
  const waits = new Map<string, Wait>();
  const leave = (line: LineName, ticket: number | null, at: number) => {
    const wait = waits.get(`${line} ${ticket}`);
    if (wait?.leftAt === Infinity) waits.set(`${line} ${ticket}`, { ...wait, leftAt: at });
  };
  for (const { at, changes } of log) {
    for (const change of changes) {
      if (change.type === 'joined') {
        const { line, ticket, sessionId } = change.waiter;
        waits.set(`${line} ${ticket}`, { showId, line, ticket, sessionId, joinedAt: at, leftAt: Infinity });
      } else if (change.type === 'left') leave(change.line, change.ticket, at);
      else if (change.type === 'offered') leave('seats', change.ticket, at);
      else if (change.type === 'entered') leave('entry', change.shopper.ticket, at);
    }
  }
  return [...waits.values()];
}

/**
 * Finds line tickets that an offer skipped. Uses only the line tickets reported to clients and the rows of bookings,
 * not the log.
 */
function findOvertaken(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const places = new Map<string, { readonly queue: SeenQueue; readonly sessionId: string; readonly toldAt: number }>();
  for (const { sessionId, answer, ended } of timeline.calls) {
    const queue = answer?.ok ? answer.queue : null;
    const name = queue && `${queue.showId} ${queue.ticket}`;
    if (queue?.line === 'seats' && name && !places.has(name)) places.set(name, { queue, sessionId, toldAt: ended });
  }
  return shows.flatMap(({ showId, bookings }) => {
    const offers = bookings
      .flatMap(({ ticket, ...row }) => (ticket === null ? [] : [{ ...row, ticket }]))
      .toSorted((a, b) => a.ticket - b.ticket);
    return offers.flatMap((later): Violation[] => {
      const { ticket, sessionId, createdAt } = later;
      const place = places.get(`${showId} ${ticket}`);
      const overtaker = offers.find(
        (other) =>
          other.ticket > ticket &&
          other.createdAt < createdAt &&
          place !== undefined &&
          place.toldAt < timeline.toRecorderTime(other.createdAt).from &&
          place.queue.partySize <= other.seats.length,
      );
      if (!overtaker) return [];
      const held = bookings.filter(
        (row) =>
          row.sessionId === sessionId &&
          row.createdAt <= overtaker.createdAt &&
          row.firstExpiresAt >= overtaker.createdAt,
      );
      // A line may skip a session that already held too many seats to get more.
      if (held.reduce((sum, { seats }) => sum + seats.length, later.seats.length) > heldSeatsMax) return [];
      const description = `show ${showId}: line ticket ${overtaker.ticket} was offered seats before line ticket ${ticket}, which could have used the seats`;
      return [
        { promise: 'lines serve in order', description, about: [later.bookingId, overtaker.bookingId, sessionId] },
      ];
    });
  });
}
