import { type SeatCounts, type SeatStatus, seatStatusNames } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { Decision } from '../core/decide/decide.js';
import {
  isLineChange,
  isNoticedChange,
  isPaymentChange,
  type LogEntry,
  seatStatuses,
  type ShowChange,
  type TermsChanged,
} from '../core/changes/show-log.js';
import type { PlannedTerms } from '../core/model/show-terms.js';
import type { ShowState } from '../core/state/show-state.js';
import { toLinesCommit } from './lines-commit.js';
import { toPaymentsCommit } from './payments-commit.js';
import { type CatalogCommit, seatRowChanges, type ShowCommit } from './show-store.js';

/** What a log entry does to the tables, from the state before it. */
export function toCommit(
  showId: number,
  before: ShowState,
  entry: LogEntry,
  { linesDueAt }: Pick<Decision, 'linesDueAt'>,
): ShowCommit {
  // One statement cannot insert a row and update it: a booking that ends in the batch that made it is inserted ended.
  const made = new Map<string, BookingRecord>();
  const ended: ShowCommit['ended'][number][] = [];
  for (const change of entry.changes) {
    if (change.type === 'reserved') made.set(change.booking.bookingId, change.booking);
    else if (change.type === 'ended') {
      const booking = made.get(change.bookingId);
      if (booking) made.set(change.bookingId, { ...booking, status: change.status });
      else ended.push(change);
    }
  }
  const statuses = seatStatuses(entry.changes);
  return {
    showId,
    entry,
    added: [...made.values()],
    ended,
    seats: seatRowChanges(before.seats, entry.changes),
    counts: countsAfter(before, statuses),
    catalog: toCatalogCommit(entry),
    lines: entry.changes.some(mayMoveLines) ? toLinesCommit(before, entry, linesDueAt) : null,
    payments: entry.changes.some(isPaymentChange) ? toPaymentsCommit(entry) : null,
  };
}

function toCatalogCommit({ changes }: LogEntry): CatalogCommit | null {
  const noticed = changes.filter(isNoticedChange);
  const termsVersion = noticed.at(-1)?.termsVersion;
  if (termsVersion === undefined) return null;
  const termsChanges = noticed.filter((change) => change.type === 'termsChanged');
  const calledOff = noticed.find((change) => change.type === 'calledOff');
  const terms = termsChanges.at(-1)?.terms ?? null;
  return {
    termsVersion,
    terms,
    planned: terms && termsChanges.some(isMove) ? plannedOf(terms) : null,
    calledOff: calledOff ? { reason: calledOff.reason ?? null } : null,
  };
}

const isMove = ({ before = {} }: TermsChanged): boolean =>
  ['movieId', 'hallId', 'startsAt', 'endsAt'].some((field) => field in before);

function plannedOf({ movieId, hallId, startsAt, endsAt }: TermsChanged['terms']): PlannedTerms | null {
  const isWhole = movieId !== undefined && hallId !== undefined && startsAt !== undefined && endsAt !== undefined;
  return isWhole ? { movieId, hallId, startsAt, endsAt } : null;
}

/** Whether a change may be one of the lines' rows, or of when time gives them something to do. */
const mayMoveLines = (change: ShowChange): boolean =>
  isLineChange(change) || change.type === 'calledOff' || change.type === 'termsChanged';

function countsAfter({ counts, seats }: ShowState, statuses: ReadonlyMap<number, SeatStatus>): SeatCounts {
  const after = { ...counts };
  for (const [seat, status] of statuses) {
    after[seatStatusNames[seats[seat]!]!]--;
    after[seatStatusNames[status]]++;
  }
  return after;
}
