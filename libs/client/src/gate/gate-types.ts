import type { CheckIn, CheckInBody, CheckInResult, GateList, OfflineCheckIns } from '@usher/contract';
import type { UsherError } from '../common/errors.js';

/** The check-in calls. They need an API key, or an operator, with the role `gate`. Every call rejects with {@link UsherError}. */
export interface CheckIns {
  /**
   * Checks in a ticket. Resolves with the answer for every `result`, so the call does not reject if the ticket is
   * refused.
   *
   * @param options `key` is the idempotency key. A repeated key returns the first answer again
   */
  checkIn(body: CheckInBody, options?: { key?: string; signal?: AbortSignal }): Promise<CheckIn>;
  /** Reads all tickets of a show, and the public keys of their codes. */
  list(showId: number): Promise<GateList>;
  /**
   * Reports tickets that a gate admitted while it was offline, at most 200 per call. Resolves with one answer per ticket,
   * in the same order.
   */
  handIn(checkIns: OfflineCheckIns['checkIns']): Promise<CheckIn[]>;
}

/** Keeps a gate's data while the page is closed or the machine is off, for example in IndexedDB. Values are plain JSON. */
export interface GateStorage {
  /** Resolves with the stored value, or undefined. */
  get(name: string): Promise<unknown>;
  /** Resolves when the value is stored. An offline gate admits a ticket only after its admission is stored. */
  set(name: string, value: unknown): Promise<void>;
}

/** Options of {@link createGate}. */
export interface GateOptions {
  /** The absolute URL of Usher. */
  readonly url: string;
  /**
   * An API key with the role `gate`. A page of the service itself can leave it out, and then acts for the operator who has
   * signed in with this browser.
   */
  readonly apiKey?: string | undefined;
  readonly showId: number;
  /** The gate's name. The default is the name of the API key. */
  readonly name?: string;
  /** Keeps the gate's data. Without a storage, the gate forgets its offline admissions when the page closes. */
  readonly storage?: GateStorage;
  /**
   * How long the server may take for a check-in, in milliseconds. The default is 3,000. After that, the gate decides with
   * its list.
   */
  readonly requestTimeoutMs?: number;
}

/** A gate's answer to a scanned or typed code. */
export interface GateAnswer {
  readonly result: CheckInResult;
  /** The label of the seat, for example "D12". Null for a forged code, and for a ticket outside the scope of the API key. */
  readonly label: string | null;
  /** When the ticket was admitted, now or earlier. Null if it was never admitted. */
  readonly usedAt: string | null;
  /** The gate that admitted the ticket. Null if it was never admitted. */
  readonly gate: string | null;
  /** True if the result is `refunded` because the bank disputes the payment. The ticket may become valid again. */
  readonly isDisputed: boolean;
  /** True if the gate decided with its list, because the server did not answer. */
  readonly isOffline: boolean;
  /**
   * True if Caps Lock or the scanner's keyboard layout had changed the code, and the gate corrected the code. Staff
   * should correct the settings of the scanner.
   */
  readonly isRepaired: boolean;
}

/** A ticket that the gate admitted offline, but that the server would have refused. */
export interface GateConflict {
  readonly label: string;
  /** When this gate admitted the ticket. */
  readonly at: string;
  /** The server's result, never `admitted`. */
  readonly result: CheckInResult;
  /** When the ticket had already been admitted, or null if it had not. */
  readonly usedAt: string | null;
  /** The gate that had already admitted the ticket, or null if none had. */
  readonly gate: string | null;
}

/** The state of a {@link Gate} at one moment. It is immutable. */
export interface GateView {
  /** Whether the server answered the gate's last request. */
  readonly isOnline: boolean;
  /** When the server made the gate's list, ISO-8601. If it is null, the gate has no list and cannot work offline. */
  readonly listMadeAt: string | null;
  /** Number of tickets on the list, without refunded tickets. */
  readonly ticketCount: number;
  /** Number of these tickets that were admitted, as far as this gate knows. */
  readonly usedCount: number;
  /** Number of admissions that the server does not know yet. */
  readonly pendingCount: number;
  readonly conflicts: readonly GateConflict[];
  /** Why the server refuses this gate's requests (`FORBIDDEN`, `NOT_FOUND` …), or null. */
  readonly refusal: UsherError | null;
}

/**
 * One gate of one show. It asks the server about every code. If the server does not answer, the gate decides with its
 * list.
 */
export interface Gate {
  /** Returns the current view. It is the same object until something changes. */
  readonly getSnapshot: () => GateView;
  /** Calls `listener` after every change. Returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Resolves when the stored data has been read and the first attempt to read the list has ended. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Checks in a ticket. If the server does not answer, the gate decides with its list, the published keys and its own
   * admissions. The text may come straight from a scanner. The gate removes control characters and a symbology
   * identifier, and corrects a wrong keyboard layout.
   *
   * @throws UsherError the server's error if it refuses this gate. `NETWORK` or `TIMEOUT` if the server does not answer
   *   and the gate has no list
   */
  check(code: string): Promise<GateAnswer>;
  /**
   * Reports pending admissions and reads the list immediately. The gate also does this by itself every few seconds.
   * Never rejects, because the view shows errors.
   */
  refresh(): Promise<void>;
  /** Removes all conflicts from the view and the storage. Call it after staff have handled them. */
  clearConflicts(): Promise<void>;
  /** Stops the gate's regular refresh. */
  close(): void;
}
