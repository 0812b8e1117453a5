import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Booking, type Page, parseBookingCode, type ReserveBody } from '@usher/contract';
import type { Pool } from 'pg';
import { validate as isUuid } from 'uuid';
import { Admission, BuyerCommands } from '../admission/index.js';
import { appendAuditEntry, type BookingCaller, type Buyer } from '../access/index.js';
import { DomainError, toDomainError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { LinePlaces } from '../lines/index.js';
import {
  asFirstAnswered,
  BookingRepository,
  bookingState,
  KeyedRefusals,
  type Origin,
  ownBooking,
  type ReleaseOutcome,
  type ReserveOutcome,
  type SeatRequest,
  ShowsService,
  type StoredBooking,
} from '../shows/index.js';

/** A call that reserves seats. */
export interface ReserveCall {
  readonly buyer: Buyer;
  readonly showId: number;
  readonly body: ReserveBody;
  /** The idempotency key, or null. */
  readonly key: string | null;
  /** The socket that sent the call; null for REST. */
  readonly origin: Origin | null;
}

/** Selects one page of a list of bookings. */
interface PageRequest {
  readonly limit: number;
  /** The id of the last booking on the previous page. Null for the first page. */
  readonly cursor: string | null;
}

/** Maximum number of calls to reserve that one session may have running at once. */
const concurrentCallsMax = 256;

/** Reserves seats, and releases and reads bookings, for sockets and REST. */
@Injectable()
export class ReservationsService {
  /** The idempotency keys of refused calls. The keys of calls that made bookings are in the tables. */
  private readonly refusals = new KeyedRefusals();

  /** The number of running calls to reserve, by session. */
  private readonly runningCalls = new Map<string, number>();

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly shows: ShowsService,
    private readonly bookings: BookingRepository,
    private readonly places: LinePlaces,
    private readonly admission: Admission,
    private readonly commands: BuyerCommands,
  ) {}

  /** Holds all requested seats or none. @throws DomainError with any of the codes of a reservation */
  async reserve({ buyer, showId, body, key, origin }: ReserveCall): Promise<Booking> {
    const { sessionId } = buyer;
    const request = toSeatRequest(body);
    const usedKey = key === null ? null : { key, bodyHash: hashOf(showId, request) };
    const call = usedKey && { showId, sessionId, usedKey };
    if (call) this.refusals.throwAgain(call);

    const bookingId = createId();
    this.beginCall(sessionId);
    try {
      const seats = 'seats' in request ? request.seats : null;
      const seatCount = seatCountOf(request);
      const admission = this.admission.admit({ action: 'reserve', showId, buyer, seatCount, seats });
      if (admission) await admission;
      const outcome = await this.commands.reserve({ showId, buyer, origin }, { bookingId, request, usedKey });
      if (call) this.refusals.remember(call, outcome);
      if (outcome.type === 'repeated') return await this.repeatAnswer(sessionId, outcome.bookingId);
      return await this.answer(showId, outcome);
    } finally {
      this.endCall(sessionId);
    }
  }

  /** Releases the seats of a hold. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `BUSY` */
  async release(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    if (booking.status !== 'reserved') throw bookingState(booking.status);
    const { sessionId } = booking;
    const command = {
      type: 'release',
      bookingId,
      sessionId,
      ...(caller.by === 'staff' && { audit: caller.audit }),
    } as const;
    return this.answer(showId, await this.shows.submit(showId, command));
  }

  /** Returns a booking that the caller may see. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED` */
  async get(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    // The deadline for a refund depends on the start of the show, which another node may have changed.
    await this.shows.catchUpBriefly(showId);
    return this.shows.toBooking(showId, booking);
  }

  /**
   * Returns the session's bookings of a show, newest first.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`; `FORBIDDEN` if the call has no session
   */
  async listOfSession(caller: BookingCaller, showId: number | undefined, page: PageRequest): Promise<Page<Booking>> {
    const sessionId = caller.by === 'session' || caller.by === 'staff' ? caller.sessionId : null;
    if (sessionId === null) throw new DomainError('FORBIDDEN', 'This list needs the token of a session.', {});
    if (showId === undefined)
      throw createInvalidRequestError([{ path: ['showId'], message: 'is needed without a code' }]);
    const before = cursorOf(page);
    await this.shows.catchUpBriefly(showId);
    const { terms } = await this.shows.lane(showId); // Throws NOT_FOUND instead of returning an empty list.
    return this.pageOf(await this.bookings.ofSession(terms.showId, sessionId, before, page.limit + 1), page);
  }

  /**
   * Returns all bookings with a code in the scope of the staff's key, newest first. The list leaves out holds that no
   * buyer has begun to pay.
   *
   * @param showId null for all shows
   * @throws DomainError `INVALID_REQUEST`; `FORBIDDEN` if the caller is not staff, because buyers could guess codes
   */
  async listOfCode(
    caller: BookingCaller,
    code: string,
    showId: number | null,
    page: PageRequest,
  ): Promise<Page<Booking>> {
    if (caller.by !== 'staff') throw new DomainError('FORBIDDEN', 'Only staff find bookings by their code.', {});
    const before = cursorOf(page);
    const idEnding = parseBookingCode(code) ?? '';
    return this.pageOf(await this.bookings.ofCode(idEnding, showId, before, page.limit + 1, caller.scope), page);
  }

  /** Revokes all links that were mailed so far. @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED` */
  async revokeLinks(caller: BookingCaller, bookingId: string): Promise<void> {
    const { showId } = await ownBooking(this.bookings, caller, bookingId);
    await runInTransaction(this.pool, async (client) => {
      const linkRevision = await this.bookings.revokeLinks(client, showId, bookingId);
      if (caller.by !== 'staff') return;
      await appendAuditEntry(client, {
        caller: caller.audit,
        action: 'booking.revoke-links',
        showId,
        subject: { kind: 'booking', id: bookingId },
        before: { linkRevision: linkRevision - 1 },
        after: { linkRevision },
      });
    });
  }

  private async pageOf(found: readonly StoredBooking[], { limit }: PageRequest): Promise<Page<Booking>> {
    const items = await Promise.all(
      found.slice(0, limit).map(({ showId, booking }) => this.shows.toBooking(showId, booking)),
    );
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.bookingId ?? null) : null };
  }

  // A session that sends calls without awaiting the answers must not fill the lanes that other buyers use.
  private beginCall(sessionId: string): void {
    const running = (this.runningCalls.get(sessionId) ?? 0) + 1;
    if (running > concurrentCallsMax) {
      const detail = `This session already has ${concurrentCallsMax} reservations without an answer.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 100 });
    }
    this.runningCalls.set(sessionId, running);
  }

  private endCall(sessionId: string): void {
    const running = (this.runningCalls.get(sessionId) ?? 0) - 1;
    if (running > 0) this.runningCalls.set(sessionId, running);
    else this.runningCalls.delete(sessionId);
  }

  /**
   * Returns the first answer to a call that repeats its idempotency key.
   *
   * @throws DomainError `FORBIDDEN` if the data of the session was erased. A node may still remember the key for a day
   */
  private async repeatAnswer(sessionId: string, bookingId: string): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, { by: 'session', sessionId }, bookingId);
    return this.shows.toBooking(showId, asFirstAnswered(booking));
  }

  private async answer(
    showId: number,
    outcome: Exclude<ReserveOutcome, { readonly type: 'repeated' }> | ReleaseOutcome,
  ): Promise<Booking> {
    switch (outcome.type) {
      case 'refused':
        throw toDomainError(outcome.error);
      case 'done':
        return this.shows.toBooking(showId, outcome.booking);
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

const seatCountOf = (request: SeatRequest): number => ('best' in request ? request.best.count : request.seats.length);

function cursorOf({ cursor }: PageRequest): string | null {
  if (cursor === null || isUuid(cursor)) return cursor;
  throw createInvalidRequestError([
    { path: ['cursor'], message: 'belongs to a different query; start again without a cursor' },
  ]);
}

function toSeatRequest({ seats, best, onConflict }: ReserveBody): SeatRequest {
  if (best) return { best };
  // The contract's schema accepts exactly one of the two fields.
  return { seats: seats ?? [], onConflict: onConflict === 'alternative' ? 'alternative' : 'refuse' };
}

// The hash covers the fields in a fixed order. So equal requests have equal hashes, regardless of the order of the
// fields in the JSON, over sockets and over REST.
function hashOf(showId: number, request: SeatRequest): string {
  const fields =
    'best' in request
      ? ['best', request.best.count, request.best.tier ?? null, request.best.kind ?? null]
      : ['seats', request.onConflict, ...request.seats];
  return createHash('sha256')
    .update(JSON.stringify([showId, ...fields]))
    .digest('base64url');
}
