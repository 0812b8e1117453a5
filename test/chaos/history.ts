import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import type { ClientEvent, ServerEvent } from '@usher/contract';
import type { Answer, CallPayload, ReceivedPayload } from './messages.js';

/** A show of the run. */
export interface ChaosShow {
  readonly showId: number;
  readonly seatCount: number;
  /** Maximum number of sessions that may be in the show at once. Null if entry is not metered. */
  readonly shoppersMax: number | null;
  /** True if the line for seats is strict: it serves nobody before its first waiter. */
  readonly isStrict: boolean;
}

/**
 * The part of the service that a fault disables. As long as the fault lasts, promises that need this part are not
 * checked.
 */
export type Outage =
  /** The database does not answer. */
  | 'database'
  /** No node runs. */
  | 'nodes'
  /** A node is suspended and may hold a show's lock. */
  | 'lock'
  /** The fault disables nothing that a promise about time depends on. */
  | 'nothing';

/** Something that happened during a run, without its time. */
export type Happening =
  | { readonly kind: 'run'; readonly seed: number; readonly holdMs: number; readonly shows: readonly ChaosShow[] }
  | { readonly kind: 'connected'; readonly socket: number; readonly buyer: string; readonly sessionId: string }
  /** A buyer tried to connect, and no node accepted the connection in time. */
  | { readonly kind: 'connectionFailed'; readonly buyer: string; readonly reason: string }
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
  /** The call got no answer, so it is unknown whether the service executed it. */
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
  /** At the time of this entry the database's clock showed `db` (ms since 1970), give or take `errorMs`. */
  | { readonly kind: 'clock'; readonly db: number; readonly errorMs: number }
  /** The machine was overloaded for the last `ms` milliseconds. */
  | { readonly kind: 'overload'; readonly ms: number }
  /**
   * All faults have ended and all buyers have stopped. `isAtRest` is true if the shows then stopped changing in time.
   */
  | { readonly kind: 'settled'; readonly isAtRest: boolean }
  /** A client's last map. `seats` has one digit per seat. `version` and `seats` are null if the client has no map. */
  | {
      readonly kind: 'map';
      readonly buyer: string;
      readonly showId: number;
      readonly version: number | null;
      readonly seats: string | null;
    };

/** One entry of a history. In the history's file it is one line. */
export type Entry = Happening & {
  /** Time in ms by the recorder's monotonic clock. One process records everything, so there is only one clock. */
  readonly t: number;
};

/** Writes a history to a file: one JSON object per line, in the order of events. */
export class Recorder {
  private readonly file: WriteStream;
  private readonly listeners = new Set<(entry: Entry) => void>();
  private numbers = 0;

  constructor(readonly path: string) {
    this.file = createWriteStream(path);
  }

  /** Returns a number that the recorder has not returned before. Sockets and calls share these numbers. */
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
