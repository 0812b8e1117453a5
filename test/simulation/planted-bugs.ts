import { expect } from '@jest/globals';
import type { ShowStore, ShowTransaction } from '../../src/shows/store/show-store.js';
import type { StoredShow } from '../../src/shows/core/state/stored-show.js';
import type { PromiseName } from './oracle/promises.js';
import { simulate } from './simulation.js';
import type { SimulationOptions } from './simulation-options.js';

/**
 * Maximum number of runs until the oracle has found a planted bug. It finds most bugs in the first few runs, and some
 * in only one of thirty runs.
 */
const runsMax = 400;

const stepsPerRun = 300;

/** Number of steps of the runs that look for a bug that shows only in a long line. */
const stepsPerLongRun = 1500;

/** Returns the promises that a run breaks. */
export async function findBrokenPromises(
  run: number,
  options: SimulationOptions,
  steps = stepsPerRun,
): Promise<PromiseName[]> {
  const { violations } = await simulate(`planted-${run}`, steps, options);
  return violations.map(({ promise }) => promise);
}

/** Expects that each of the promises is broken in at least one run. */
export const expectViolations = (options: SimulationOptions, ...promises: readonly PromiseName[]): Promise<void> =>
  expectViolationsWithin(stepsPerRun, options, promises);

/** Like {@link expectViolations}, with longer runs. */
export const expectViolationsInLongRuns = (
  options: SimulationOptions,
  ...promises: readonly PromiseName[]
): Promise<void> => expectViolationsWithin(stepsPerLongRun, options, promises);

async function expectViolationsWithin(
  steps: number,
  options: SimulationOptions,
  promises: readonly PromiseName[],
): Promise<void> {
  const missing = new Set(promises);
  for (let run = 0; missing.size > 0 && run < runsMax; run++) {
    for (const promise of await findBrokenPromises(run, options, steps)) missing.delete(promise);
  }
  expect([...missing]).toEqual([]);
}

/** Replaces some methods of every transaction that a store begins. */
export const changeTransactions =
  (change: (original: ShowTransaction) => Partial<ShowTransaction>) =>
  (store: ShowStore): ShowStore => ({
    load: (showId) => store.load(showId),
    entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
    begin: async (showId) => {
      const original = await store.begin(showId);
      return {
        lock: (since) => original.lock(since),
        write: (commit) => original.write(commit),
        commit: () => original.commit(),
        rollback: () => original.rollback(),
        ...change(original),
      };
    },
  });

/** Changes every show that a store loads from the tables. */
export const changeLoadedShows =
  (change: (stored: StoredShow) => StoredShow) =>
  (store: ShowStore): ShowStore => ({
    begin: (showId) => store.begin(showId),
    entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
    load: async (showId) => {
      const stored = await store.load(showId);
      return stored && change(stored);
    },
  });
