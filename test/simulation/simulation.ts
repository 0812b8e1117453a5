/**
 * The simulation runs Usher's real lanes, decision code and client maps in one process, without a real network,
 * database or clock. It is deterministic: a seed decides everything that happens, so the same seed repeats the same
 * run.
 *
 * What is simulated: one to three nodes, the PostgreSQL database that they share, the announcements between nodes,
 * buyers, waiters and staff who send commands, viewers with the SDK's seat map, and optionally a payment provider.
 * Every statement, answer, message and timer waits in the `Scheduler`, which delivers them one after another in random
 * order.
 *
 * What goes wrong: nodes crash and restart, connections break, PostgreSQL restarts or stays down, commits get no
 * answer, statements are cancelled, messages get lost, duplicated or reordered, lanes are evicted, clients lose their
 * connection, and the clocks of nodes are wrong. The clock often jumps to the millisecond at which a hold or a wait
 * ends.
 *
 * What is checked: the `Oracle` checks the promises in `oracle/promises.ts` after every step. At the end of a run all
 * faults stop, everything settles, and the oracle checks that nothing is lost, overdue or unanswered.
 *
 * How to reproduce a failure: a failed run prints its seed as a command, for example
 * `SIM_SEED=17 SIM_STEPS=500 npm run simulate`. The command repeats the run exactly. `planted-bugs.test.ts` proves that
 * the oracle finds bugs. It plants known bugs and expects a violation of the right promise.
 */
import { promises } from './oracle/promises.js';
import { SimulatedWorld } from './simulated-world.js';
import type { SimulationOptions, SimulationResult } from './simulation-options.js';

/** Runs a simulation for a number of steps and then lets everything settle. The first violation ends the run. */
export async function simulate(
  seed: string,
  steps: number,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  const world = new SimulatedWorld(seed, options);
  for (let step = 0; step < steps && world.isGood; step++) await world.runStep();
  if (world.isGood) await world.settle();
  const { oracle, record } = world;
  const { trace, eventCounts } = record;
  return { seed, steps, violations: oracle.violations, trace, eventCounts };
}

/** Returns the report of a failed run: the command that repeats it, the broken promises, and the last steps. */
export const formatFailure = ({ seed, steps, violations, trace }: SimulationResult): string =>
  [
    `SIM_SEED=${seed} SIM_STEPS=${steps} npm run simulate`,
    ...violations.slice(0, 5).map(({ promise, detail }) => `broken promise: ${promises[promise]}\n    ${detail}`),
    `the last ${trace.length} steps:`,
    ...trace,
  ].join('\n');
