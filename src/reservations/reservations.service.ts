import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Booking, ErrorBody, ErrorCode, Page, ReserveBody } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { validate as isUuid } from 'uuid';
import { DomainError, refusal } from '../common/domain-error.js';
import { newId } from '../common/ids.js';
import { invalidRequest } from '../common/invalid-request.js';
import { bookingState, ownBooking } from '../shows/own-booking.js';
import { PostgresShowStore, type StoredBooking } from '../shows/postgres-show-store.js';
import type { Outcome, SeatRequest } from '../shows/core/command.js';
import { keyReused } from '../shows/core/refusals.js';
import { ShowsService } from '../shows/shows.service.js';
import { asFirstAnswered } from '../shows/to-booking.js';
import { BookingOrigins } from './booking-origins.js';

/** Who asks, for what, and how the answer finds back. */
export interface ReserveCall {
  readonly sessionId: string;
  readonly showId: number;
  readonly body: ReserveBody;
  /** The idempotency key, or null. */
  readonly key: string | null;
  /** The socket that asks, which is answered and need not be told; null over REST. */
  readonly socketId: string | null;
}

interface KeyedRefusal {
  readonly bodyHash: string;
  readonly error: ErrorBody;
}

/** Refusals under a key that a node remembers, and for how long. */
const keyedRefusals = { max: 50_000, ttl: 10 * 60 * 1000 };

/** Refusals that say nothing of what the same call is answered next. */
const passing = new Set<ErrorCode>(['KEY_REUSED', 'BUSY']);

/** Reservations of one session that may wait for their answer at once. */
const waitingMax = 256;

/** Reserve, release and read bookings: the rules of both transports. */
@Injectable()
export class ReservationsService {
  /**
   * A kept key makes a booking once, whatever happens: that is in the tables. A refusal did nothing, so it is only
   * remembered here, so that a key sent again is answered in the same words; writing it down would let everyone who is
   * refused at a full show cost its lane a commit.
   */
  private readonly refused = new LRUCache<string, KeyedRefusal>(keyedRefusals);

  /** Reservations under way, by session. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly shows: ShowsService,
    private readonly store: PostgresShowStore,
    private readonly origins: BookingOrigins,
  ) {}

  /** Holds seats, all or none. @throws DomainError any code of a reservation */
  async reserve({ sessionId, showId, body, key, socketId }: ReserveCall): Promise<Booking> {
    const request = toSeatRequest(body);
    const usedKey = key === null ? null : { key, bodyHash: hashOf(showId, request) };
    const keyName = `${sessionId} ${showId} ${key}`;
    const before = usedKey && this.refused.get(keyName);
    if (before) throw refusal(before.bodyHash === usedKey.bodyHash ? before.error : keyReused());

    const bookingId = newId();
    this.begin(sessionId);
    this.origins.set(bookingId, socketId);
    try {
      const outcome = await this.shows.submit(showId, { type: 'reserve', bookingId, sessionId, request, usedKey });
      if (outcome.type !== 'refused') this.refused.delete(keyName);
      else if (usedKey && !passing.has(outcome.error.code)) {
        this.refused.set(keyName, { bodyHash: usedKey.bodyHash, error: outcome.error });
      }
      return await this.answer(showId, outcome);
    } finally {
      this.origins.delete(bookingId);
      this.end(sessionId);
    }
  }

  /** Gives a held booking back. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `BUSY` */
  async release(sessionId: string, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.store, sessionId, bookingId);
    if (booking.status !== 'reserved') throw bookingState(booking.status);
    return this.answer(
      showId,
      await this.shows.submit(showId, { type: 'release', bookingId: booking.bookingId, sessionId }),
    );
  }

  /** One booking of the session. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async get(sessionId: string, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.store, sessionId, bookingId);
    return this.shows.toBooking(showId, booking);
  }

  /** The session's bookings of a show, newest first. @throws DomainError `NOT_FOUND`, `INVALID_REQUEST` */
  async list(sessionId: string, showId: number, limit: number, cursor: string | null): Promise<Page<Booking>> {
    if (cursor !== null && !isUuid(cursor))
      throw invalidRequest([{ path: ['cursor'], message: 'is none of this list' }]);
    const { terms } = await this.shows.lane(showId); // NOT_FOUND before an empty list
    const found = await this.store.bookingsOfSession(terms.showId, sessionId, cursor, limit + 1);
    const items = await Promise.all(found.slice(0, limit).map(({ booking }) => this.shows.toBooking(showId, booking)));
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.bookingId ?? null) : null };
  }

  // A session that asks without waiting for answers must not fill the lanes that others wait in.
  private begin(sessionId: string): void {
    const waiting = (this.waiting.get(sessionId) ?? 0) + 1;
    if (waiting > waitingMax) {
      const detail = `${waitingMax} reservations of this session wait already.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 100 });
    }
    this.waiting.set(sessionId, waiting);
  }

  private end(sessionId: string): void {
    const waiting = (this.waiting.get(sessionId) ?? 0) - 1;
    if (waiting > 0) this.waiting.set(sessionId, waiting);
    else this.waiting.delete(sessionId);
  }

  private async answer(showId: number, outcome: Outcome): Promise<Booking> {
    switch (outcome.type) {
      case 'refused':
        throw refusal(outcome.error);
      case 'done':
        if (!outcome.booking) throw new Error('the command makes no booking');
        return this.shows.toBooking(showId, outcome.booking);
      case 'repeated':
        return this.shows.toBooking(showId, asFirstAnswered((await this.stored(outcome.bookingId)).booking));
      case 'notLive':
        throw bookingState((await this.stored(outcome.bookingId)).booking.status);
      case 'notAdmitted':
        throw this.shows.notAdmitted(await this.shows.lane(showId), outcome.waiter?.sessionId ?? null);
      case 'inLine':
      case 'inside':
      case 'settled':
      case 'seatsSet':
        throw new Error(`a reservation cannot be answered with ${outcome.type}`);
    }
  }

  private async stored(bookingId: string): Promise<StoredBooking> {
    const stored = await this.store.findBooking(bookingId);
    if (!stored) throw new Error(`booking ${bookingId} has no row`);
    return stored;
  }
}

function toSeatRequest({ seats, best, onConflict }: ReserveBody): SeatRequest {
  if (best) return { best };
  // The contract's schema lets one of the two through, and never neither.
  return { seats: seats ?? [], onConflict: onConflict === 'alternative' ? 'alternative' : 'refuse' };
}

// Fields in a fixed order: the same wish hashes alike however a client ordered its JSON, over either transport.
function hashOf(showId: number, request: SeatRequest): string {
  const fields =
    'best' in request
      ? ['best', request.best.count, request.best.tier ?? null, request.best.kind ?? null]
      : ['seats', request.onConflict, ...request.seats];
  return createHash('sha256')
    .update(JSON.stringify([showId, ...fields]))
    .digest('base64url');
}
