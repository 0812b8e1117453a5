import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { SimulatedLineTables } from '../database/simulated-line-tables.js';
import type { ReferenceShow } from '../reference/reference-show.js';

/** One show, in the state in which the line oracle checks it. */
export interface CheckedShow {
  readonly terms: ShowTerms;
  /** The fold of the log, up to just before the change that is checked, or up to the end of the commit. */
  readonly fold: ReferenceShow;
  readonly rows: SimulatedLineTables;
}
