import { env } from 'node:process';
import { testRuns } from '../support/plain/test-runs.js';
import type { SimulationResult } from './simulation-options.js';

/** Which seeds a test runs. The test chooses them unless environment variables name them. */
export interface SeedPlan {
  /** True if an environment variable names the first seed. The runs then need not show every required event. */
  readonly isReplay: boolean;
  readonly firstSeed: string;
  readonly runsMin: number;
  /** Maximum number of runs. After `runsMin` runs, the test goes on only until every required event has happened. */
  readonly runsMax: number;
}

/**
 * Reads the environment variables `<name>_SEED` and `<name>_RUNS`. If only the seed is set, the test repeats that one
 * run. If both are set, they are the first seed and the number of runs. Without a seed, runs start at seed `first`,
 * because the same seeds must pass on every machine.
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
 * Runs one seed after another until at least `runsMin` have run and every required event has happened. Stops after
 * `runsMax` runs in any case.
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
