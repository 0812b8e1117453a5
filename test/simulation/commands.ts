import type { BookingRecord } from '../../src/shows/core/booking-record.js';
import type {
  BookCommand,
  CallOffCommand,
  Command,
  EnterCommand,
  ExpireCommand,
  JoinLineCommand,
  LeaveLineCommand,
  Outcome,
  ReleaseCommand,
  ReserveCommand,
  SeatRequest,
} from '../../src/shows/core/command.js';
import type { PartyWish } from '../../src/shows/core/line/waiter.js';
import { decide, type Decision } from '../../src/shows/core/decide.js';
import { nextEntry } from '../../src/shows/core/show-log.js';
import { applyEntry, loadState, type ShowState } from '../../src/shows/core/show-state.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';
import { untouched } from '../../src/shows/core/stored-show.fixture.js';

/** What lobbies are shuffled by. */
export const testSeed = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex');

/** An order of chosen seats; the fields that a test says nothing of do not matter to it. */
export const reserveSeats = (seats: readonly number[], other: Partial<ReserveCommand> = {}): ReserveCommand =>
  reserve({ seats, onConflict: 'refuse' }, other);

/** An order of chosen seats or the best. */
export const reserve = (request: SeatRequest, other: Partial<ReserveCommand> = {}): ReserveCommand => ({
  type: 'reserve',
  bookingId: 'booking',
  sessionId: 'ann',
  request,
  usedKey: null,
  ...other,
});

export const release = (bookingId: string, sessionId = 'ann'): ReleaseCommand => ({
  type: 'release',
  bookingId,
  sessionId,
});

/** A place in line for a party; of anything, if a test does not say what. */
export const joinLine = (sessionId: string, partySize = 1, wish: Partial<PartyWish> = {}): JoinLineCommand => ({
  type: 'joinLine',
  sessionId,
  wish: { partySize, tiers: null, kind: null, ...wish },
});

export const leaveLine = (sessionId: string): LeaveLineCommand => ({ type: 'leaveLine', sessionId });

export const enter = (sessionId: string): EnterCommand => ({ type: 'enter', sessionId });

/** A payment that takes what a hold costs. */
export const book = (booking: BookingRecord): BookCommand => ({
  type: 'book',
  booking,
  payment: { paymentId: `payment of ${booking.bookingId}`, provider: 'sandbox' },
  captured: { amount: booking.amounts.reduce((sum, amount) => sum + amount, 0), currency: booking.currency },
  onConflict: 'refuse',
});

export const expire: ExpireCommand = { type: 'expire' };

export const callOff: CallOffCommand = { type: 'callOff' };

/** A show on which nothing has happened. */
export const emptyState = ({ layout }: ShowTerms): ShowState =>
  loadState(layout.seatCount, {
    ...untouched,
    lines: { ...untouched.lines, entry: { ...untouched.lines.entry, seed: testSeed } },
  });

/** Decides a batch and folds what came of it into the state, as a lane does with a commit. */
export function commitBatch(state: ShowState, terms: ShowTerms, commands: readonly Command[], now: number): Decision {
  const decision = decide(state, terms, commands, now);
  const { changes } = decision;
  if (changes.length > 0) applyEntry(state, nextEntry(state, changes, now, state.seq + 1));
  return decision;
}

/** The booking that a command made. */
export function bookingOf(outcome: Outcome | undefined): BookingRecord {
  if (outcome?.type !== 'done' || !outcome.booking) throw new Error(`not done: ${JSON.stringify(outcome)}`);
  return outcome.booking;
}

/** What a refusal says, or what came instead of one. */
export const refusalOf = (outcome: Outcome | undefined): unknown =>
  outcome?.type === 'refused' ? outcome.error : outcome;
