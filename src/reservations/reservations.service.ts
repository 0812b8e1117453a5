import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Booking, parseBookingCode, type Page, type ReserveBody } from '@usher/contract';
import { validate as isUuid } from 'uuid';
import { DomainError, toDomainError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { LinePlaces } from '../lines/index.js';
import type { BookingCaller } from '../access/index.js';
import {
  asFirstAnswered,
  bookingState,
  KeyedRefusals,
  type Origin,
  ownBooking,
  BookingRepository,
  type ReleaseOutcome,
  type ReserveOutcome,
  type SeatRequest,
  ShowsService,
  type StoredBooking,
} from '../shows/index.js';

/** A call that reserves seats. */
export interface ReserveCall {
  readonly sessionId: string;
  readonly showId: number;
  readonly body: ReserveBody;
  readonly key: string | null;
  /** The socket that sent the call; null for REST. */
  readonly origin: Origin | null;
}

/** Which part of a list of bookings is wanted. */
interface PageOfBookings {
  readonly limit: number;
  /** The last booking of the page before, or null. */
  readonly cursor: string | null;
}

/** Reservations of one session that may wait for their answer at once. */
const waitingMax = 256;

/** Reserve, release and read bookings: the rules of both transports. */
@Injectable()
export class ReservationsService {
  /** Only of refusals: a key that made a booking is in the tables. */
  private readonly refusals = new KeyedRefusals();

  /** Reservations under way, by session. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly shows: ShowsService,
    private readonly bookings: BookingRepository,
    private readonly places: LinePlaces,
  ) {}

  /** Holds seats, all or none. @throws DomainError any code of a reservation */
  async reserve({ sessionId, showId, body, key, origin }: ReserveCall): Promise<Booking> {
    const request = toSeatRequest(body);
    const usedKey = key === null ? null : { key, bodyHash: hashOf(showId, request) };
    const call = usedKey && { showId, sessionId, usedKey };
    if (call) this.refusals.throwAgain(call);

    const bookingId = createId();
    this.begin(sessionId);
    try {
      const command = { type: 'reserve', bookingId, sessionId, request, usedKey } as const;
      const outcome = await this.shows.submit(showId, command, origin);
      if (call) this.refusals.remember(call, outcome);
      return await this.answer(showId, outcome);
    } finally {
      this.end(sessionId);
    }
  }

  /** Gives a held booking back. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `BUSY` */
  async release(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    if (booking.status !== 'reserved') throw bookingState(booking.status);
    const { sessionId } = booking;
    return this.answer(showId, await this.shows.submit(showId, { type: 'release', bookingId, sessionId }));
  }

  /** One booking that the caller may see. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED` */
  async get(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    // Until when it can be given back depends on when the show starts.
    await this.shows.catchUpBriefly(showId);
    return this.shows.toBooking(showId, booking);
  }

  /**
   * The session's bookings of a show, newest first.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`; `FORBIDDEN` if the call has no session
   */
  async listOfSession(caller: BookingCaller, showId: number | undefined, page: PageOfBookings): Promise<Page<Booking>> {
    const sessionId = caller.by === 'session' || caller.by === 'staff' ? caller.sessionId : null;
    if (sessionId === null) throw new DomainError('FORBIDDEN', 'This list needs the token of a session.', {});
    if (showId === undefined)
      throw createInvalidRequestError([{ path: ['showId'], message: 'is needed without a code' }]);
    const before = cursorOf(page);
    await this.shows.catchUpBriefly(showId);
    const { terms } = await this.shows.lane(showId); // NOT_FOUND before an empty list
    return this.pageOf(await this.bookings.ofSession(terms.showId, sessionId, before, page.limit + 1), page);
  }

  /**
   * Every booking that has a code, newest first. Holds that nobody has begun to pay are not found.
   *
   * @param showId null: of any show
   * @throws DomainError `INVALID_REQUEST`; `FORBIDDEN` if the caller is not staff, so that nobody guesses codes
   */
  async listOfCode(
    caller: BookingCaller,
    code: string,
    showId: number | null,
    page: PageOfBookings,
  ): Promise<Page<Booking>> {
    if (caller.by !== 'staff') throw new DomainError('FORBIDDEN', 'Only staff find bookings by their code.', {});
    const before = cursorOf(page);
    return this.pageOf(await this.bookings.ofCode(parseBookingCode(code) ?? '', showId, before, page.limit + 1), page);
  }

  /** Revokes the links that were mailed so far. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED` */
  async revokeLinks(caller: BookingCaller, bookingId: string): Promise<void> {
    const { showId } = await ownBooking(this.bookings, caller, bookingId);
    await this.bookings.revokeLinks(showId, bookingId);
  }

  private async pageOf(found: readonly StoredBooking[], { limit }: PageOfBookings): Promise<Page<Booking>> {
    const items = await Promise.all(
      found.slice(0, limit).map(({ showId, booking }) => this.shows.toBooking(showId, booking)),
    );
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

  private async answer(showId: number, outcome: ReserveOutcome | ReleaseOutcome): Promise<Booking> {
    switch (outcome.type) {
      case 'refused':
        throw toDomainError(outcome.error);
      case 'done':
        return this.shows.toBooking(showId, outcome.booking);
      case 'repeated':
        return this.shows.toBooking(showId, asFirstAnswered((await this.stored(outcome.bookingId)).booking));
      case 'notLive':
        throw bookingState((await this.stored(outcome.bookingId)).booking.status);
      case 'notAdmitted':
        throw this.places.notAdmitted(await this.shows.lane(showId), outcome.waiter?.sessionId ?? null);
    }
  }

  private async stored(bookingId: string): Promise<StoredBooking> {
    const stored = await this.bookings.find(bookingId);
    if (!stored) throw new Error(`booking ${bookingId} has no row`);
    return stored;
  }
}

function cursorOf({ cursor }: PageOfBookings): string | null {
  if (cursor === null || isUuid(cursor)) return cursor;
  throw createInvalidRequestError([{ path: ['cursor'], message: 'is none of this list' }]);
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
