import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { SimulatedLineTables } from '../database/simulated-line-tables.js';
import type { ReferenceShow } from '../reference/reference-show.js';

/** One show, as the line oracle checks it. */
export interface CheckedShow {
  readonly terms: ShowTerms;
  /** The fold of the log: before the change that is checked, or after the whole commit. */
  readonly fold: ReferenceShow;
  readonly rows: SimulatedLineTables;
}
