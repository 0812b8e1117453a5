import { env } from 'node:process';
import { expect, it } from '@jest/globals';
import { formatFailure, simulate } from '../simulation.js';

/** `MONEY_SEED` repeats one run. With `MONEY_RUNS`, it is the first seed of that many runs. */
const isReplay = env['MONEY_SEED'] !== undefined;
const firstSeed = Number(env['MONEY_SEED'] ?? 1);
const runs = Number(env['MONEY_RUNS'] ?? (isReplay ? 1 : 200));
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

it('ends every payment that took money as a booked seat or as a refund, to the cent', async () => {
  const eventCounts = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const result = await simulate(String(seed), steps, { money: {} });
    if (result.violations.length > 0) throw new Error(`MONEY_SEED=${seed}\n${formatFailure(result)}`);
    for (const [event, count] of result.eventCounts) eventCounts.set(event, (eventCounts.get(event) ?? 0) + count);
  }
  if (isReplay) console.log(Object.fromEntries(eventCounts));
  expect(isReplay ? [] : requiredEvents.filter((event) => !eventCounts.has(event))).toEqual([]);
}, 600_000);
