import type { ClientEvent } from '@usher/contract';
import type { ChaosShow, Entry, Outage } from '../history.js';
import type { Answer, CallPayload, SeenBooking } from '../messages.js';

/** One call of a client with its answer. Times are by the recorder's clock. */
export interface Call {
  readonly call: number;
  readonly socket: number;
  readonly sessionId: string;
  readonly event: ClientEvent;
  readonly payload: CallPayload;
  readonly invoked: number;
  /** When the answer came or the client gave up. Infinity if the call was still open at the end of the run. */
  readonly ended: number;
  /** Null if no answer came. In that case the service may have executed the call at any later time, or never. */
  readonly answer: Answer | null;
}

/** A period in which the promises about time do not apply, because of a fault or an overloaded machine. */
export interface DisturbedPeriod {
  readonly from: number;
  readonly to: number;
  readonly outage: Outage;
}

/** How long the service needs after a fault to reconnect and to poll its tables, in ms. */
const recoveryMs = 2000;

/**
 * Maximum time for which a suspended node can delay the other nodes by holding a show's lock, in ms. Includes the
 * recovery.
 */
const lockMsMax = 5000 + recoveryMs;

/** A history in the form that the checks use. Converts times of the database's clock to the recorder's clock. */
export class Timeline {
  readonly holdMs: number;
  readonly shows: readonly ChaosShow[];
  readonly calls: readonly Call[];
  readonly disturbedPeriods: readonly DisturbedPeriod[];
  private readonly clocks: readonly Extract<Entry, { kind: 'clock' }>[];

  constructor(readonly entries: readonly Entry[]) {
    const run = entries.find((entry) => entry.kind === 'run');
    if (!run) throw new Error('the history lacks its first entry, which describes the run');
    this.holdMs = run.holdMs;
    this.shows = run.shows;
    this.calls = readCalls(entries);
    this.disturbedPeriods = readDisturbedPeriods(entries);
    this.clocks = entries.filter((entry) => entry.kind === 'clock');
  }

  /**
   * Converts a time of the database's clock to the recorder's clock. Returns the earliest and the latest possible time.
   */
  toRecorderTime(db: number): { readonly from: number; readonly to: number } {
    if (db === Infinity) return { from: db, to: db };
    let [best, bestError] = [0, Infinity];
    for (const { t, db: then, errorMs } of this.clocks) {
      // Two clocks on the same machine drift apart by about a millisecond in 100 s.
      const error = errorMs + Math.abs(db - then) / 100_000;
      if (error < bestError) [best, bestError] = [t + db - then, error];
    }
    return { from: best - bestError - 1, to: best + bestError + 1 };
  }

  /** Yields every booking that an answer or an event reported to a client, with the time of that report. */
  *reportedBookings(): Generator<{ readonly booking: SeenBooking; readonly t: number; readonly entry: Entry }> {
    for (const entry of this.entries) {
      for (const booking of bookingsIn(entry)) yield { booking, t: entry.t, entry };
    }
  }

  /** Returns true if a fault or an overload disturbed any moment between the two times. */
  isDisturbed(from: number, to: number): boolean {
    return this.disturbedPeriods.some((period) => period.from < to && period.to > from);
  }

  /** Returns how many ms between the two times passed without a fault or an overload. */
  undisturbedMs(from: number, to: number): number {
    let left = to - from;
    let at = from;
    for (const period of this.disturbedPeriods) {
      const [begin, end] = [Math.max(at, period.from), Math.min(to, period.to)];
      if (end <= begin) continue;
      left -= end - begin;
      at = end;
    }
    return left;
  }
}

function bookingsIn(entry: Entry): readonly SeenBooking[] {
  if (entry.kind === 'received' && (entry.event === 'booking:updated' || entry.event === 'queue:offer')) {
    return entry.payload.booking ? [entry.payload.booking] : [];
  }
  if (entry.kind !== 'answer' || !entry.answer.ok) return [];
  if (entry.answer.booking) return [entry.answer.booking];
  return entry.answer.bookings ?? [];
}

function readCalls(entries: readonly Entry[]): Call[] {
  const calls = new Map<number, Call>();
  for (const entry of entries) {
    if (entry.kind === 'call') {
      const { kind: _, t, ...call } = entry;
      calls.set(entry.call, { ...call, invoked: t, ended: Infinity, answer: null });
    } else if (entry.kind === 'answer' || entry.kind === 'lost') {
      const call = calls.get(entry.call);
      if (!call) throw new Error(`the history answers call ${entry.call}, which no client made`);
      calls.set(entry.call, { ...call, ended: entry.t, answer: entry.kind === 'answer' ? entry.answer : null });
    }
  }
  return [...calls.values()];
}

/** Returns the disturbed periods, sorted by their start. */
function readDisturbedPeriods(entries: readonly Entry[]): DisturbedPeriod[] {
  const disturbedPeriods: DisturbedPeriod[] = [];
  const open = new Map<string, Extract<Entry, { kind: 'fault' }>>();
  const last = entries.at(-1)?.t ?? 0;
  for (const entry of entries) {
    if (entry.kind === 'overload') disturbedPeriods.push({ from: entry.t - entry.ms, to: entry.t, outage: 'nothing' });
    if (entry.kind !== 'fault' || entry.outage === 'nothing') continue;
    if (entry.phase === 'begins') open.set(entry.fault, entry);
    else {
      const begun = open.get(entry.fault);
      open.delete(entry.fault);
      if (begun) disturbedPeriods.push(makeDisturbedPeriod(begun, entry.t));
    }
  }
  for (const begun of open.values()) disturbedPeriods.push(makeDisturbedPeriod(begun, last));
  return disturbedPeriods.toSorted((a, b) => a.from - b.from);
}

function makeDisturbedPeriod({ t, outage }: Extract<Entry, { kind: 'fault' }>, ended: number): DisturbedPeriod {
  const to = outage === 'lock' ? Math.min(t + lockMsMax, ended + recoveryMs) : ended + recoveryMs;
  return { from: t, to, outage };
}
