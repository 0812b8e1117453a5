import { type ErrorBody, createErrorBody } from '@usher/contract';
import type { SeatRequest } from '../commands/command.js';
import { heldSeatsMax, isSaleOver, type ShowTerms } from '../model/show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

const invalidSeats = (terms: ShowTerms, detail: string): ErrorBody =>
  createErrorBody('INVALID_SEATS', detail, { limit: terms.seatsMax });

/**
 * Returns the refusal of a request that is invalid regardless of which seats are free. Returns null for other requests.
 */
export function neverPossible(terms: ShowTerms, request: SeatRequest): ErrorBody | null {
  if ('best' in request) return neverPossibleBest(terms, request.best.count, request.best.tier);
  const { seats } = request;
  if (seats.length === 0) return invalidSeats(terms, 'Ask for at least one seat.');
  if (seats.length > terms.seatsMax) return tooMany(terms);
  const unknown = seats.find((seat) => terms.layout.seats[seat] === undefined);
  if (unknown !== undefined) return invalidSeats(terms, `There is no seat ${unknown} in this hall.`);
  if (new Set(seats).size < seats.length) return invalidSeats(terms, 'The same seat was asked for twice.');
  return null;
}

/**
 * Returns the refusal of a list of seats that is empty or has an unknown or repeated seat. Returns null if the list is
 * valid.
 */
export function hallSeatsProblem(terms: ShowTerms, seats: readonly number[]): ErrorBody | null {
  const { seatCount, seats: places } = terms.layout;
  const invalid = (detail: string) => createErrorBody('INVALID_SEATS', detail, { limit: seatCount });
  if (seats.length === 0) return invalid('Name at least one seat.');
  const unknown = seats.find((seat) => places[seat] === undefined);
  if (unknown !== undefined) return invalid(`There is no seat ${unknown} in this hall.`);
  return new Set(seats).size < seats.length ? invalid('The same seat was named twice.') : null;
}

function neverPossibleBest(terms: ShowTerms, count: number, tier: string | undefined): ErrorBody | null {
  if (count < 1) return invalidSeats(terms, 'Ask for at least one seat.');
  if (count > terms.seatsMax) return tooMany(terms);
  if (tier !== undefined && !Object.hasOwn(terms.prices, tier)) {
    return invalidRequest('best.tier', `must be one of ${Object.keys(terms.prices).join(', ')}`);
  }
  return null;
}

const tooMany = (terms: ShowTerms): ErrorBody =>
  invalidSeats(terms, `Ask for at most ${terms.seatsMax} seats in one reservation.`);

/** Returns `INVALID_REQUEST` for one field. */
export const invalidRequest = (path: string, message: string): ErrorBody =>
  createErrorBody('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });

/** Returns `SALE_CLOSED` if nothing can be reserved at `now`, else null. */
export function saleClosed(terms: ShowTerms, calledOff: boolean, now: number): ErrorBody | null {
  const over = saleOver(terms, calledOff, now);
  if (over || now >= (terms.saleOpensAt ?? -Infinity)) return over;
  return closed(terms, 'The sale of this show has not opened.');
}

/** Returns `SALE_CLOSED` if the sale is over for good, else null. */
export function saleOver(terms: ShowTerms, calledOff: boolean, now: number): ErrorBody | null {
  if (!isSaleOver(terms, calledOff, now)) return null;
  const isCalledOff = calledOff || terms.calledOff;
  return closed(terms, isCalledOff ? 'The show was called off.' : 'The sale of this show is over.');
}

const closed = ({ saleOpensAt, saleClosesAt }: ShowTerms, detail: string): ErrorBody =>
  createErrorBody('SALE_CLOSED', detail, {
    opensAt: saleOpensAt === null ? null : iso(saleOpensAt),
    closesAt: iso(saleClosesAt),
  });

/** Returns `HOLD_LIMIT` if the session would hold more seats than allowed, else null. */
export function holdLimit(terms: ShowTerms, held: number, more: number): ErrorBody | null {
  const limit = heldSeatsMax(terms);
  if (held + more <= limit) return null;
  return createErrorBody(
    'HOLD_LIMIT',
    `A session may hold ${limit} seats of this show at once; this session holds ${held}.`,
    {
      limit,
    },
  );
}

/** Returns `SEATS_TAKEN` with the labels of the taken seats. */
export function seatsTaken(
  terms: ShowTerms,
  taken: readonly number[],
  alternative: readonly number[] | null,
): ErrorBody {
  const labels = taken.map((seat) => terms.layout.seats[seat]?.label ?? seat).join(', ');
  const detail = `${labels} ${taken.length === 1 ? 'is' : 'are'} taken. Nothing was held.`;
  return createErrorBody('SEATS_TAKEN', detail, {
    seats: [...taken],
    alternative: alternative === null ? null : [...alternative],
  });
}

/**
 * Returns `SHOW_FULL`, because too few fitting seats are free. The buyer can join the line, which is open as long as
 * the sale.
 */
export function showFull(free: number): ErrorBody {
  const detail = free === 0 ? 'No such seat is free.' : `Only ${free} such seats are free.`;
  return createErrorBody('SHOW_FULL', detail, { free, canQueue: true });
}

/** Returns `SHOW_FULL` for a show with a strict line, because its free seats are kept for the waiters. */
export const keptForLine = (free: number): ErrorBody =>
  createErrorBody('SHOW_FULL', 'Others stand in line for the seats that are free.', { free, canQueue: true });

/** Returns `SINGLE_SEAT_GAP` with a choice that leaves no gap. */
export const singleSeatGap = (alternative: readonly number[]): ErrorBody =>
  createErrorBody('SINGLE_SEAT_GAP', 'This choice leaves an isolated free seat. The alternative does not.', {
    alternative: [...alternative],
  });

/** Returns `KEY_REUSED`, because the idempotency key was used before with a different body. */
export const keyReused = (): ErrorBody =>
  createErrorBody('KEY_REUSED', 'This idempotency key was used before with a different body.', {});

/** Returns `BUSY`, because so many seats were freed that the line is still being served. */
export const lineFirst = (): ErrorBody =>
  createErrorBody('BUSY', 'The show serves its line first. Nothing was held, so a retry is safe.', {
    retryAfterMs: 500,
  });
