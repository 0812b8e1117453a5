import { type ErrorBody, createErrorBody } from '@usher/contract';
import type { SeatRequest } from '../commands/command.js';
import { heldSeatsMax, isSaleOver, type ShowTerms } from '../model/show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

const invalidSeats = (terms: ShowTerms, detail: string): ErrorBody =>
  createErrorBody('INVALID_SEATS', detail, { limit: terms.seatsMax });

/** Why the request could never be granted, whatever the seats' state: unknown, doubled, none, too many; else null. */
export function neverPossible(terms: ShowTerms, request: SeatRequest): ErrorBody | null {
  if ('best' in request) return neverPossibleBest(terms, request.best.count, request.best.tier);
  const { seats } = request;
  if (seats.length === 0) return invalidSeats(terms, 'Ask for one seat at least.');
  if (seats.length > terms.seatsMax) return tooMany(terms);
  const unknown = seats.find((seat) => terms.layout.seats[seat] === undefined);
  if (unknown !== undefined) return invalidSeats(terms, `There is no seat ${unknown} in this hall.`);
  if (new Set(seats).size < seats.length) return invalidSeats(terms, 'The same seat was asked for twice.');
  return null;
}

/** Why these seats of the hall cannot be named: unknown, doubled, none; else null. */
export function hallSeatsProblem(terms: ShowTerms, seats: readonly number[]): ErrorBody | null {
  const { seatCount, seats: places } = terms.layout;
  const invalid = (detail: string) => createErrorBody('INVALID_SEATS', detail, { limit: seatCount });
  if (seats.length === 0) return invalid('Name one seat at least.');
  const unknown = seats.find((seat) => places[seat] === undefined);
  if (unknown !== undefined) return invalid(`There is no seat ${unknown} in this hall.`);
  return new Set(seats).size < seats.length ? invalid('The same seat was named twice.') : null;
}

function neverPossibleBest(terms: ShowTerms, count: number, tier: string | undefined): ErrorBody | null {
  if (count < 1) return invalidSeats(terms, 'Ask for one seat at least.');
  if (count > terms.seatsMax) return tooMany(terms);
  if (tier !== undefined && !Object.hasOwn(terms.prices, tier)) {
    return invalidRequest('best.tier', `must be one of ${Object.keys(terms.prices).join(', ')}`);
  }
  return null;
}

const tooMany = (terms: ShowTerms): ErrorBody =>
  invalidSeats(terms, `At most ${terms.seatsMax} seats in one reservation.`);

/** `INVALID_REQUEST` for one field. */
export const invalidRequest = (path: string, message: string): ErrorBody =>
  createErrorBody('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });

/** `SALE_CLOSED` when nothing may be reserved at `now`, else null. */
export function saleClosed(terms: ShowTerms, calledOff: boolean, now: number): ErrorBody | null {
  const over = saleOver(terms, calledOff, now);
  if (over || now >= (terms.saleOpensAt ?? -Infinity)) return over;
  return closed(terms, 'The sale of this show has not opened.');
}

/** `SALE_CLOSED` when nothing will be sold any more, else null. */
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

/** `HOLD_LIMIT` when the session would hold more seats than it may, else null. */
export function holdLimit(terms: ShowTerms, held: number, more: number): ErrorBody | null {
  const limit = heldSeatsMax(terms);
  if (held + more <= limit) return null;
  return createErrorBody(
    'HOLD_LIMIT',
    `A session may hold ${limit} seats of this show at once; this one holds ${held}.`,
    {
      limit,
    },
  );
}

/** `SEATS_TAKEN`, naming the taken ones by their labels. */
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

/** `SHOW_FULL`: fewer fitting seats are free than were asked for. The line is open as long as the sale. */
export function showFull(free: number): ErrorBody {
  const detail = free === 0 ? 'No such seat is free.' : `Only ${free} such seats are free.`;
  return createErrorBody('SHOW_FULL', detail, { free, canQueue: true });
}

/** `SHOW_FULL` in a show whose line is strict: what is free is for those who wait. */
export const keptForLine = (free: number): ErrorBody =>
  createErrorBody('SHOW_FULL', 'Others stand in line for the seats that are free.', { free, canQueue: true });

/** `SINGLE_SEAT_GAP`, with a choice that leaves no seat alone. */
export const singleSeatGap = (alternative: readonly number[]): ErrorBody =>
  createErrorBody('SINGLE_SEAT_GAP', 'This choice leaves a single seat alone; another one does not.', {
    alternative: [...alternative],
  });

/** `KEY_REUSED`: the idempotency key came with another body. */
export const keyReused = (): ErrorBody =>
  createErrorBody('KEY_REUSED', 'This idempotency key came before with another body.', {});

/** `BUSY`: so many seats came back that those who wait are still being served. */
export const lineFirst = (): ErrorBody =>
  createErrorBody('BUSY', 'Those who wait are being served first: nothing was held, trying again is safe.', {
    retryAfterMs: 500,
  });
