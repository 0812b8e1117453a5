import { env } from 'node:process';
import { expect, it } from '@jest/globals';
import { report, simulate, type SimulationResult } from './simulation.js';

/** Runs by default. `SIM_SEED` replays one run, or begins `SIM_RUNS` of them; `SIM_STEPS` makes them longer. */
const runs = Number(env['SIM_RUNS'] ?? (env['SIM_SEED'] === undefined ? 300 : 1));
const steps = Number(env['SIM_STEPS'] ?? 400);
const firstSeed = env['SIM_SEED'] ?? '1';

const seeds = runs === 1 ? [firstSeed] : Array.from({ length: runs }, (_, run) => String(Number(firstSeed) + run));

it('keeps every promise, whatever order things happen in and whatever breaks between them', async () => {
  const seen = new Map<string, number>();
  for (const seed of seeds) {
    const result = await simulate(seed, steps);
    if (result.violations.length > 0) throw new Error(report(result));
    for (const [what, count] of result.seen) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  console.log(Object.fromEntries([...seen].toSorted()));
}, 3_600_000);
