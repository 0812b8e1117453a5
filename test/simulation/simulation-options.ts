import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import type { ShowAdvance } from '../../src/shows/lane/show-advance.js';
import type { ShowStore } from '../../src/shows/store/show-store.js';
import type { Protections } from './database/simulated-database.js';
import type { PaymentBugs } from './money/simulated-money.js';
import type { PromiseName, Violation } from './oracle/promises.js';

/** Options of a simulated run. Most of them plant a bug that the oracle must find. */
export interface SimulationOptions {
  readonly protections?: Protections;
  /** Plants a bug into the show store of every node. */
  readonly plantStoreBug?: (store: ShowStore) => ShowStore;
  /** Plants a bug into the diffs that nodes send to viewers. */
  readonly plantBroadcastBug?: (advance: ShowAdvance) => ShowAdvance;
  /** Plants a bug into the show terms that every node reads. */
  readonly plantTermsBug?: (terms: ShowTerms) => ShowTerms;
  /** Plants a bug into every lane of every node. */
  readonly plantLaneBug?: (lane: ShowLane) => void;
  /** If present, buyers also pay and ask for refunds. May plant bugs into the payment code. */
  readonly money?: PaymentBugs;
  /** If present, the run uses only shows with these ids (see `random-shows.ts`). */
  readonly showIds?: readonly number[];
  /** Promises that the oracle does not check, because the planted bug breaks them before the promise under test. */
  readonly ignoredPromises?: readonly PromiseName[];
}

/** The result of a simulated run. */
export interface SimulationResult {
  readonly seed: string;
  readonly steps: number;
  /** The violations that ended the run. Empty if the run kept every promise. */
  readonly violations: readonly Violation[];
  /** The last steps of the run, oldest first. */
  readonly trace: readonly string[];
  /**
   * How often each kind of event happened. Tests use the counts to notice a simulation that no longer reaches important
   * cases.
   */
  readonly eventCounts: ReadonlyMap<string, number>;
}
