import { type ErrorBody, errorBody } from '@usher/contract';
import type { SeatRequest } from './command.js';
import { heldSeatsMax, type ShowTerms } from './show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

const invalidSeats = (terms: ShowTerms, detail: string): ErrorBody =>
  errorBody('INVALID_SEATS', detail, { limit: terms.seatsMax });

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

function neverPossibleBest(terms: ShowTerms, count: number, tier: string | undefined): ErrorBody | null {
  if (count < 1) return invalidSeats(terms, 'Ask for one seat at least.');
  if (count > terms.seatsMax) return tooMany(terms);
  if (tier !== undefined && !Object.hasOwn(terms.prices, tier)) {
    const message = `must be one of ${Object.keys(terms.prices).join(', ')}`;
    return errorBody('INVALID_REQUEST', `best.tier: ${message}`, { issues: [{ path: 'best.tier', message }] });
  }
  return null;
}

const tooMany = (terms: ShowTerms): ErrorBody =>
  invalidSeats(terms, `At most ${terms.seatsMax} seats in one reservation.`);

/** `SALE_CLOSED` when nothing may be reserved at `now`, else null. */
export function saleClosed(terms: ShowTerms, now: number): ErrorBody | null {
  const { calledOff, saleOpensAt, saleClosesAt } = terms;
  const open = !calledOff && now >= (saleOpensAt ?? -Infinity) && now < saleClosesAt;
  if (open) return null;
  const detail = calledOff
    ? 'The show was called off.'
    : now >= saleClosesAt
      ? 'The sale of this show is over.'
      : 'The sale of this show has not opened.';
  return errorBody('SALE_CLOSED', detail, {
    opensAt: saleOpensAt === null ? null : iso(saleOpensAt),
    closesAt: iso(saleClosesAt),
  });
}

/** `HOLD_LIMIT` when the session would hold more seats than it may, else null. */
export function holdLimit(terms: ShowTerms, held: number, more: number): ErrorBody | null {
  const limit = heldSeatsMax(terms);
  if (held + more <= limit) return null;
  return errorBody('HOLD_LIMIT', `A session may hold ${limit} seats of this show at once; this one holds ${held}.`, {
    limit,
  });
}

/** `SEATS_TAKEN`, naming the taken ones by their labels. */
export function seatsTaken(
  terms: ShowTerms,
  taken: readonly number[],
  alternative: readonly number[] | null,
): ErrorBody {
  const labels = taken.map((seat) => terms.layout.seats[seat]?.label ?? seat).join(', ');
  const detail = `${labels} ${taken.length === 1 ? 'is' : 'are'} taken. Nothing was held.`;
  return errorBody('SEATS_TAKEN', detail, {
    seats: [...taken],
    alternative: alternative === null ? null : [...alternative],
  });
}

/** `SHOW_FULL`: fewer fitting seats are free than were asked for. */
export function showFull(free: number): ErrorBody {
  const detail = free === 0 ? 'No such seat is free.' : `Only ${free} such seats are free.`;
  return errorBody('SHOW_FULL', detail, { free, canQueue: false });
}

/** `SINGLE_SEAT_GAP`, with a choice that leaves no seat alone. */
export const singleSeatGap = (alternative: readonly number[]): ErrorBody =>
  errorBody('SINGLE_SEAT_GAP', 'This choice leaves a single seat alone; another one does not.', {
    alternative: [...alternative],
  });

/** `KEY_REUSED`: the idempotency key came with another body. */
export const keyReused = (): ErrorBody =>
  errorBody('KEY_REUSED', 'This idempotency key came before with another body.', {});
