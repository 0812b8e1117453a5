import { env } from 'node:process';
import { expect, it } from '@jest/globals';
import { report, simulate } from './simulation.js';

/**
 * `SIM_SEED` replays one run; with `SIM_RUNS` it begins a soak of so many. `SIM_STEPS` makes runs longer. A run and its
 * replay need the same number of steps: where it ends, everything is brought to rest.
 */
const isReplay = env['SIM_SEED'] !== undefined;
const runs = Number(env['SIM_RUNS'] ?? (isReplay ? 1 : 1000));
const steps = Number(env['SIM_STEPS'] ?? 500);
const firstSeed = env['SIM_SEED'] ?? '1';

const seeds = runs === 1 ? [firstSeed] : Array.from({ length: runs }, (_, run) => String(Number(firstSeed) + run));

/** What must have happened in some run, or the runs prove less than they seem to. */
const mustBeSeen = [
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
  'in a lane: CommitInDoubtError',
  'in a lane: InjectedFault',
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
  'line: let in at once',
  'line: offered',
  'line: offered in a strict line',
  'line: offer declined',
  'line: passed by a smaller party',
  'line: shuffled',
  'line: stay ended',
  'line: told its place in the middle of the line',
  'lock timed out',
  'release: done',
  'release: notLive',
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
  'told of a commit after a gap while busy',
  'told of a commit after a gap while idle',
  'told of the next commit while busy',
  'told of the next commit while idle',
];

it('keeps every promise, whatever order things happen in and whatever breaks between them', async () => {
  const seen = new Map<string, number>();
  for (const seed of seeds) {
    const result = await simulate(seed, steps);
    if (result.violations.length > 0) throw new Error(report(result));
    for (const [what, count] of result.seen) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  if (isReplay) console.log(Object.fromEntries(seen));
  const unseen = isReplay ? [] : mustBeSeen.filter((what) => !seen.has(what));
  expect(unseen).toEqual([]);
}, 3_600_000);

it('does the same things in the same order for the same seed', async () => {
  const first = await simulate(firstSeed, steps);
  expect(await simulate(firstSeed, steps)).toEqual(first);
});
