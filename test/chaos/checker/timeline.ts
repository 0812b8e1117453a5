import type { Booking, ClientEvent } from '@usher/contract';
import type { Answer, ChaosShow, Entry, Takes } from '../history.js';

/** One call of a client with what came of it. Times are the recorder's. */
export interface Call {
  readonly call: number;
  readonly socket: number;
  readonly sessionId: string;
  readonly event: ClientEvent;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly invoked: number;
  /** When the answer came, or it was given up; infinite: it was still open at the end. */
  readonly ended: number;
  /** Null: no answer came, so it may have been done at any time after, or never. */
  readonly answer: Answer | null;
}

/** A time in which a fault, or an overloaded machine, suspends what promises about time say. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly takes: Takes;
}

/** How long what a fault took may need to come back: connections are made anew, the next look at the tables comes. */
const recoveryMs = 2000;

/** The longest that a node which stands still can keep a show's lock, and others may be waiting for it then. */
const lockMsMax = 5000 + recoveryMs;

/** A history as the checks read it. */
export class Timeline {
  readonly holdMs: number;
  readonly shows: readonly ChaosShow[];
  readonly calls: readonly Call[];
  readonly windows: readonly Window[];
  private readonly clocks: readonly Extract<Entry, { kind: 'clock' }>[];

  constructor(readonly entries: readonly Entry[]) {
    const run = entries.find((entry) => entry.kind === 'run');
    if (!run) throw new Error('a history begins with its run');
    this.holdMs = run.holdMs;
    this.shows = run.shows;
    this.calls = callsOf(entries);
    this.windows = windowsOf(entries);
    this.clocks = entries.filter((entry) => entry.kind === 'clock');
  }

  /** When the database's clock said so, by the recorder's: no earlier than `from` and no later than `to`. */
  moment(db: number): { readonly from: number; readonly to: number } {
    if (db === Infinity) return { from: db, to: db }; // never, by any clock
    let [best, bestError] = [0, Infinity];
    for (const { t, db: then, errorMs } of this.clocks) {
      // Two clocks of one machine drift apart by a millisecond in many minutes.
      const error = errorMs + Math.abs(db - then) / 100_000;
      if (error < bestError) [best, bestError] = [t + db - then, error];
    }
    return { from: best - bestError - 1, to: best + bestError + 1 };
  }

  /** Every booking that an answer or an event told a client of, with the moment at which it did. */
  *told(): Generator<{ readonly booking: Booking; readonly t: number; readonly entry: Entry }> {
    for (const entry of this.entries) {
      for (const booking of bookingsIn(entry)) yield { booking, t: entry.t, entry };
    }
  }

  /** Whether anything suspended promises about time within a stretch of it. */
  isDisturbed(from: number, to: number): boolean {
    return this.windows.some((window) => window.from < to && window.to > from);
  }

  /** How long of a stretch of time nothing suspended. */
  undisturbedMs(from: number, to: number): number {
    let left = to - from;
    let at = from;
    for (const window of this.windows) {
      const [begin, end] = [Math.max(at, window.from), Math.min(to, window.to)];
      if (end <= begin) continue;
      left -= end - begin;
      at = end;
    }
    return left;
  }
}

function bookingsIn(entry: Entry): readonly Booking[] {
  if (entry.kind === 'heard' && (entry.event === 'booking:updated' || entry.event === 'queue:offer')) {
    return [(entry.payload as { booking: Booking }).booking];
  }
  if (entry.kind !== 'answer' || !entry.answer.ok) return [];
  if ('booking' in entry.answer) return [entry.answer.booking as Booking];
  return 'bookings' in entry.answer ? (entry.answer.bookings as Booking[]) : [];
}

function callsOf(entries: readonly Entry[]): Call[] {
  const calls = new Map<number, Call>();
  for (const entry of entries) {
    if (entry.kind === 'call') {
      const { kind: _, t, ...call } = entry;
      calls.set(entry.call, { ...call, invoked: t, ended: Infinity, answer: null });
    } else if (entry.kind === 'answer' || entry.kind === 'lost') {
      const call = calls.get(entry.call);
      if (!call) throw new Error(`call ${entry.call} is answered, but was never made`);
      calls.set(entry.call, { ...call, ended: entry.t, answer: entry.kind === 'answer' ? entry.answer : null });
    }
  }
  return [...calls.values()];
}

/** In the order of their beginnings. */
function windowsOf(entries: readonly Entry[]): Window[] {
  const windows: Window[] = [];
  const open = new Map<string, Extract<Entry, { kind: 'fault' }>>();
  const last = entries.at(-1)?.t ?? 0;
  for (const entry of entries) {
    if (entry.kind === 'overload') windows.push({ from: entry.t - entry.ms, to: entry.t, takes: 'nothing' });
    if (entry.kind !== 'fault' || entry.takes === 'nothing') continue;
    if (entry.phase === 'begins') open.set(entry.fault, entry);
    else {
      const begun = open.get(entry.fault);
      open.delete(entry.fault);
      if (begun) windows.push(windowOf(begun, entry.t));
    }
  }
  for (const begun of open.values()) windows.push(windowOf(begun, last));
  return windows.toSorted((a, b) => a.from - b.from);
}

function windowOf({ t, takes }: Extract<Entry, { kind: 'fault' }>, ended: number): Window {
  const to = takes === 'lock' ? Math.min(t + lockMsMax, ended + recoveryMs) : ended + recoveryMs;
  return { from: t, to, takes };
}
