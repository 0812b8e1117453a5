import { env } from 'node:process';
import { expect, it } from '@jest/globals';
import { planSeeds, runSeeds } from './run-seeds.js';
import { formatFailure, simulate } from './simulation.js';

/**
 * `SIM_SEED` repeats one run. If `SIM_RUNS` is also set, that many runs start at this seed. `SIM_STEPS` sets the number
 * of steps of a run. To repeat a run, use the same number of steps, because after the last step the simulation lets
 * everything settle.
 */
// The seeds of a short run include 441, the first in which a commit arrives after a gap while the lane is idle.
const seedPlan = planSeeds('SIM', { first: 300, short: 150, long: 3000 });
const steps = Number(env['SIM_STEPS'] ?? 500);

/** Events that must happen in at least one run. Otherwise the runs do not test what they should. */
const requiredEvents = [
  'crash',
  'answered BUSY',
  'answered unknown',
  'callOff: done',
  'changeTerms: done',
  'commit in doubt, decided',
  'commit in doubt, under way',
  'endStays: done',
  'enter: inLine',
  'enter: entered',
  'hold expired',
  'hold released',
  'lane error: CommitInDoubtError',
  'lane error: InjectedFault',
  'enter: ADDRESS_LIMIT',
  'enter: CHALLENGE_REQUIRED',
  'join: ADDRESS_LIMIT',
  'join: CHALLENGE_REQUIRED',
  'join: HOLD_LIMIT',
  'join: INVALID_REQUEST',
  'join: SALE_CLOSED',
  'join: inLine',
  'leaveLine: done',
  'line: admitted',
  'line: expire maxWait entry',
  'line: expire maxWait seats',
  'line: expire saleClosed entry',
  'line: expire saleClosed seats',
  'line: joined entry',
  'line: joined seats',
  'line: joined the lobby',
  'line: lapse offerLapsed entry',
  'line: lapse offerLapsed seats',
  'line: leave null entry',
  'line: leave null seats',
  'line: admitted without a wait',
  'line: offered',
  'line: passed the challenge',
  'line: offered in a strict line',
  'line: offer declined',
  'line: a smaller party went first',
  'line: shuffled',
  'line: stay ended',
  'line: reported a place in the middle of the line',
  'lock timed out',
  'release: done',
  'release: notLive',
  'reserve: ADDRESS_LIMIT',
  'reserve: CHALLENGE_REQUIRED',
  'reserve: HOLD_LIMIT',
  'reserve: INVALID_SEATS',
  'reserve: KEY_REUSED',
  'reserve: SALE_CLOSED',
  'reserve: SEATS_TAKEN',
  'reserve: SHOW_FULL',
  'reserve: SINGLE_SEAT_GAP',
  'reserve: done',
  'reserve: kept for the strict line',
  'reserve: notAdmitted',
  'reserve: repeated',
  'reserve: substituted',
  'sync by changes',
  'sync by snapshot',
  'passChallenge: done',
  'received a commit after a gap while busy',
  'received a commit after a gap while idle',
  'received the next commit while busy',
  'received the next commit while idle',
];

it('keeps every promise in any order of events and under any injected fault', async () => {
  const missingEvents = await runSeeds(seedPlan, requiredEvents, async (seed) => {
    const result = await simulate(seed, steps);
    if (result.violations.length > 0) throw new Error(formatFailure(result));
    return result;
  });
  expect(missingEvents).toEqual([]);
}, 3_600_000);

it('repeats a run exactly for the same seed', async () => {
  const first = await simulate(seedPlan.firstSeed, steps);
  expect(await simulate(seedPlan.firstSeed, steps)).toEqual(first);
});
