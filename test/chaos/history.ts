import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import type { ClientEvent, ErrorBody, ServerEvent } from '@usher/contract';

/** A show of the run, as its buyers know it. */
export interface ChaosShow {
  readonly showId: number;
  readonly seatCount: number;
  /** Whether entry is metered. */
  /** How many a waiting room lets in at once; null: entry is not metered. */
  readonly shoppersMax: number | null;
  /** Whether nobody in the seat line is served before its head. */
  readonly isStrict: boolean;
}

/** What a call was acknowledged with. */
export type Answer = ({ readonly ok: true } & Record<string, unknown>) | { readonly ok: false; error: ErrorBody };

/** What a fault takes away while it lasts: promises that need it rest meanwhile. */
export type Takes =
  /** The database answers nobody. */
  | 'database'
  /** No node lives. */
  | 'nodes'
  /** A node stands still that may hold a show's lock. */
  | 'lock'
  /** Nothing that a promise about time rests on. */
  | 'nothing';

/** What happened, beside when. */
export type Happening =
  | { readonly kind: 'run'; readonly seed: number; readonly holdMs: number; readonly shows: readonly ChaosShow[] }
  | { readonly kind: 'connected'; readonly socket: number; readonly buyer: string; readonly sessionId: string }
  | { readonly kind: 'disconnected'; readonly socket: number; readonly reason: string }
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly socket: number;
      readonly sessionId: string;
      readonly event: ClientEvent;
      readonly payload: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: Answer }
  /** No answer came: it may have been done or not. */
  | { readonly kind: 'lost'; readonly call: number; readonly reason: string }
  | { readonly kind: 'heard'; readonly socket: number; readonly event: ServerEvent; readonly payload: unknown }
  | {
      readonly kind: 'fault';
      readonly fault: string;
      readonly target: string;
      readonly phase: 'begins' | 'ends';
      readonly takes: Takes;
    }
  /** The database's clock said `db` (ms since 1970) at this moment, give or take `errorMs`. */
  | { readonly kind: 'clock'; readonly db: number; readonly errorMs: number }
  /** For so long until now the machine did not do what it was asked: the recorder stood still, or too much ran at once. */
  | { readonly kind: 'overload'; readonly ms: number }
  /** Every fault is over and nobody does anything any more. At rest: five seconds have passed since the last change. */
  | { readonly kind: 'settled'; readonly isAtRest: boolean }
  /** A client's map at the very end; `seats` one digit a seat. Null: it is not in the show, and hears nothing of it. */
  | {
      readonly kind: 'map';
      readonly buyer: string;
      readonly showId: number;
      readonly version: number | null;
      readonly seats: string | null;
    };

/** One line of a history. */
export type Entry = Happening & {
  /** Milliseconds of the recorder's monotonic clock. One process records everything, so there is only one clock. */
  readonly t: number;
};

/** Writes a history, one JSON object a line, in the order in which things happened. */
export class Recorder {
  private readonly file: WriteStream;
  private readonly listeners = new Set<(entry: Entry) => void>();
  private numbers = 0;

  constructor(readonly path: string) {
    this.file = createWriteStream(path);
  }

  /** A number that nothing else of the history has. */
  nextNumber(): number {
    return ++this.numbers;
  }

  /** Writes down what happened just now. */
  record(happening: Happening): void {
    const entry: Entry = { t: Math.round(performance.now() * 100) / 100, ...happening };
    this.file.write(`${JSON.stringify(entry)}\n`);
    for (const listener of this.listeners) listener(entry);
  }

  /** Calls for each entry from now on. @returns ends it */
  listen(listener: (entry: Entry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.file.end();
    await finished(this.file);
  }
}

/** Reads a history back. */
export async function readHistory(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) entries.push(JSON.parse(line) as Entry);
  return entries;
}
