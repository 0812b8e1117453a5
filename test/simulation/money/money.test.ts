import { expect, it } from '@jest/globals';
import { planSeeds, runSeeds } from '../run-seeds.js';
import { formatFailure, simulate } from '../simulation.js';

/** `MONEY_SEED` repeats one run. If `MONEY_RUNS` is also set, that many runs start at this seed. */
const seedPlan = planSeeds('MONEY', { short: 30, long: 600 });
const steps = 1000;

/** Events that must happen in at least one run. Otherwise the runs do not test what they should. */
const requiredEvents = [
  'a call to the provider is lost',
  'a payment is refused',
  'a webhook is lost',
  'an answer of the provider is lost',
  'process an event: not now',
  'booked',
  'booked again',
  'booked: substituted',
  'crash',
  'money kept for booked seats',
  'pay: done',
  'pay: notLive',
  'payment declined',
  'payment failed',
  'payment refunded',
  'payment succeeded',
  'refund: part',
  'refund: returned',
  'refund: whole',
];

it('turns every payment that took money into booked seats or a refund, to the cent', async () => {
  const missingEvents = await runSeeds(seedPlan, requiredEvents, async (seed) => {
    const result = await simulate(seed, steps, { money: {} });
    if (result.violations.length > 0) throw new Error(`MONEY_SEED=${seed}\n${formatFailure(result)}`);
    return result;
  });
  expect(missingEvents).toEqual([]);
}, 600_000);
