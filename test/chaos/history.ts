import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import type { ClientEvent, ServerEvent } from '@usher/contract';
import type { Answer, CallPayload, ReceivedPayload } from './messages.js';

/** A show of the run. */
export interface ChaosShow {
  readonly showId: number;
  readonly seatCount: number;
  /** Capacity of the waiting room's show. Null if entry is not metered. */
  readonly shoppersMax: number | null;
  /** True if the line for seats serves nobody before its head. */
  readonly isStrict: boolean;
}

/** The part of the service that a fault disables. Promises that need this part are not checked meanwhile. */
export type Outage =
  /** The database does not answer. */
  | 'database'
  /** No node runs. */
  | 'nodes'
  /** A node stands still and may hold a show's lock. */
  | 'lock'
  /** No promise about time depends on the parts that the fault disables. */
  | 'nothing';

/** An event of a run, without its time. */
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
      readonly payload: CallPayload;
    }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: Answer }
  /** The call got no answer, so the service may have executed it or not. */
  | { readonly kind: 'lost'; readonly call: number; readonly reason: string }
  | {
      readonly kind: 'received';
      readonly socket: number;
      readonly event: ServerEvent;
      readonly payload: ReceivedPayload;
    }
  | {
      readonly kind: 'fault';
      readonly fault: string;
      readonly target: string;
      readonly phase: 'begins' | 'ends';
      readonly outage: Outage;
    }
  /** The database's clock showed `db` (ms since 1970), with an error of at most `errorMs`. */
  | { readonly kind: 'clock'; readonly db: number; readonly errorMs: number }
  /** The machine was overloaded for the last `ms` milliseconds. */
  | { readonly kind: 'overload'; readonly ms: number }
  /** All faults have ended and all buyers have stopped. `isAtRest` is true if nothing changed for long enough. */
  | { readonly kind: 'settled'; readonly isAtRest: boolean }
  /** A client's last map, with one digit per seat. Null if the client has no map. */
  | {
      readonly kind: 'map';
      readonly buyer: string;
      readonly showId: number;
      readonly version: number | null;
      readonly seats: string | null;
    };

/** One entry of a history, which is one line of its file. */
export type Entry = Happening & {
  /** Time in ms by the recorder's monotonic clock. One process records everything, so there is only one clock. */
  readonly t: number;
};

/** Writes a history in the order of events, with one JSON object per line. */
export class Recorder {
  private readonly file: WriteStream;
  private readonly listeners = new Set<(entry: Entry) => void>();
  private numbers = 0;

  constructor(readonly path: string) {
    this.file = createWriteStream(path);
  }

  /** Returns a number that is unique in the history. */
  nextNumber(): number {
    return ++this.numbers;
  }

  /** Records an event that happens now. */
  record(happening: Happening): void {
    const entry: Entry = { t: Math.round(performance.now() * 100) / 100, ...happening };
    this.file.write(`${JSON.stringify(entry)}\n`);
    for (const listener of this.listeners) listener(entry);
  }

  /** Calls the listener for each new entry. Returns a function that removes the listener. */
  listen(listener: (entry: Entry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.file.end();
    await finished(this.file);
  }
}

/** Reads a history from its file. */
export async function readHistory(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only a Recorder writes this file
    entries.push(JSON.parse(line) as Entry);
  }
  return entries;
}
