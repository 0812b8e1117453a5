import { env } from 'node:process';
import { testRuns } from '../support/plain/test-runs.js';
import type { SimulationResult } from './simulation-options.js';

/** Seeds of the runs of a test. Without settings, the test chooses. */
export interface SeedPlan {
  /** Whether settings name the seeds, so the runs need not show every event. */
  readonly isReplay: boolean;
  readonly firstSeed: string;
  readonly runsMin: number;
  /** If a required event has not happened after `runsMin` runs, more runs follow, up to this number. */
  readonly runsMax: number;
}

/**
 * Reads `<name>_SEED`, which repeats one run, and `<name>_RUNS`. Together, they are the first seed and the number of runs.
 * Without them, runs start at seed `first`, because the same seeds must pass on every machine.
 */
export function planSeeds(
  name: string,
  { first = 1, ...runs }: { readonly first?: number; readonly short: number; readonly long: number },
): SeedPlan {
  const [seed, count] = [env[`${name}_SEED`], env[`${name}_RUNS`]];
  const isReplay = seed !== undefined;
  const chosen = count ?? (isReplay ? 1 : undefined);
  return {
    isReplay,
    firstSeed: seed ?? String(first),
    runsMin: Number(chosen ?? testRuns(runs)),
    runsMax: Number(chosen ?? runs.long),
  };
}

/**
 * Runs seeds until enough have run and every required event has happened.
 *
 * @param run runs one seed; throws if the run breaks a promise
 * @returns the required events that never happened
 */
export async function runSeeds(
  { isReplay, firstSeed, runsMin, runsMax }: SeedPlan,
  requiredEvents: readonly string[],
  run: (seed: string) => Promise<SimulationResult>,
): Promise<readonly string[]> {
  const eventCounts = new Map<string, number>();
  const missingEvents = () => (isReplay ? [] : requiredEvents.filter((event) => !eventCounts.has(event)));
  for (let count = 0; count < runsMin || (count < runsMax && missingEvents().length > 0); count++) {
    const result = await run(count === 0 ? firstSeed : String(Number(firstSeed) + count));
    for (const [event, times] of result.eventCounts) eventCounts.set(event, (eventCounts.get(event) ?? 0) + times);
  }
  if (isReplay) console.log(Object.fromEntries(eventCounts));
  return missingEvents();
}
