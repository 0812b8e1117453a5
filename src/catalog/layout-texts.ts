/**
 * A checked layout whose parts are JSON texts. A layout can have 100,000 seats, and to read or write their JSON would hold
 * the event loop for hundreds of milliseconds.
 */
export interface LayoutTexts {
  /** Equal layouts have equal digests. */
  readonly digest: string;
  readonly seatCount: number;
  readonly width: number;
  readonly height: number;
  /** Null if the hall has no stage. */
  readonly stage: string | null;
  readonly sections: string;
  readonly seats: string;
}
