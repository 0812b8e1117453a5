import type { CheckIn, CheckInBody, CheckInResult, GateList, OfflineCheckIns } from '@usher/contract';
import type { UsherError } from '../common/errors.js';

/** Letting people in, for who has an API key with the role `gate`. Every call rejects with {@link UsherError}. */
export interface CheckIns {
  /**
   * Lets a ticket in, once, or says why not: what is not `admitted` is an answer and no error. A repeated `key` is
   * answered as the first time.
   */
  checkIn(body: CheckInBody, options?: { key?: string; signal?: AbortSignal }): Promise<CheckIn>;
  /** All tickets of a show, and the keys of their codes. */
  list(showId: number): Promise<GateList>;
  /** Tells whom a gate let in without the network; answers one for each, in order. At most 200 at once. */
  handIn(checkIns: OfflineCheckIns['checkIns']): Promise<CheckIn[]>;
}

/** Where a gate keeps what it must not forget, e.g. over IndexedDB: values are plain JSON. */
export interface GateStorage {
  /** The kept value, or undefined. */
  get(name: string): Promise<unknown>;
  /** Fulfilled when it is kept: only then is somebody let in who is in no other place. */
  set(name: string, value: unknown): Promise<void>;
}

/** What {@link createGate} takes. */
export interface GateOptions {
  /** Where Usher is. */
  readonly url: string;
  /** A key with the role `gate`. */
  readonly apiKey: string;
  readonly showId: number;
  /** What the gate is called; without it the name of its key. */
  readonly name?: string;
  /** Without it, what was let in offline is forgotten with this object. */
  readonly storage?: GateStorage;
  /** How long the server may take before the gate goes by its list; milliseconds, default 3,000. */
  readonly answerMsMax?: number;
}

/** What a gate says of a code. */
export interface GateAnswer {
  readonly result: CheckInResult;
  /** The seat, "D12"; null for a forged code. */
  readonly label: string | null;
  /** When it was let in, now or before, and where; null where it never was. */
  readonly usedAt: string | null;
  readonly gate: string | null;
  /** True if the result is `refunded` because the bank disputes the payment: the ticket may become valid again. */
  readonly isDisputed: boolean;
  /** Said by the list, as the server did not answer. */
  readonly isOffline: boolean;
  /** True if Caps Lock or the keyboard layout of the scanner had changed the code: staff should set up the scanner. */
  readonly isRepaired: boolean;
}

/** Somebody who was let in offline and should not have been. */
export interface GateConflict {
  readonly label: string;
  /** When this gate let them in. */
  readonly at: string;
  /** What the server says of it, never `admitted`; `usedAt` and `gate` tell of the one who was let in before. */
  readonly result: CheckInResult;
  readonly usedAt: string | null;
  readonly gate: string | null;
}

/** What is known of a gate at one moment. Never changed once given out. */
export interface GateView {
  /** Whether the server answered when it was last asked. */
  readonly isOnline: boolean;
  /** When the list is of; null: there is none, and without the network nobody can be let in. */
  readonly listOf: string | null;
  /** Tickets on the list, without those that were given back, and how many of them are in, as far as known here. */
  readonly tickets: number;
  readonly used: number;
  /** Admissions that the server does not know of yet. */
  readonly waiting: number;
  readonly conflicts: readonly GateConflict[];
  /** Why the server refuses this gate (`FORBIDDEN`, `NOT_FOUND` …), or null. */
  readonly refused: UsherError | null;
}

/** One gate of one show: asks the server while there is one, and goes on by the show's list while there is not. */
export interface Gate {
  /** What is known now; the same reference until something changed. */
  readonly getSnapshot: () => GateView;
  /** Calls `listener` after every change; the answer ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Fulfilled when what was kept is read and the first list was asked for, whatever came of that. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Lets a code in, or says why not. Without the network: by the list, the keys and what this gate did itself. Takes the
   * text as a scanner typed it: control characters, a symbology identifier and a wrong keyboard layout are undone.
   *
   * @throws UsherError the server's refusal of the gate; `NETWORK` or `TIMEOUT` where it does not answer and there is no list
   */
  check(code: string): Promise<GateAnswer>;
  /** Hands in what waits and fetches the list, now. Happens by itself every few seconds. Never rejects: see the view. */
  refresh(): Promise<void>;
  /** The conflicts were seen to. */
  forgetConflicts(): Promise<void>;
  /** Ends what happens by itself. */
  close(): void;
}
