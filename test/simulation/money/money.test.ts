import { env } from 'node:process';
import { expect, it } from '@jest/globals';
import { report, simulate } from '../simulation.js';

/** `MONEY_SEED` replays one run; with `MONEY_RUNS` it begins a soak of so many. */
const isReplay = env['MONEY_SEED'] !== undefined;
const firstSeed = Number(env['MONEY_SEED'] ?? 1);
const runs = Number(env['MONEY_RUNS'] ?? (isReplay ? 1 : 200));
const steps = 1000;

/** What must have happened in some run, or the runs prove less than they seem to. */
const mustBeSeen = [
  'a call to the provider is lost',
  'a payment is refused',
  'a webhook is lost',
  'an answer of the provider is lost',
  'an event is handled: not now',
  'booked',
  'booked again',
  'booked: seats like them',
  'crash',
  'money stays',
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

it('promise 9: every payment that took money ends as a booked seat or as a refund, to the cent', async () => {
  const seen = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const result = await simulate(String(seed), steps, { money: {} });
    if (result.violations.length > 0) throw new Error(`MONEY_SEED=${seed}\n${report(result)}`);
    for (const [what, count] of result.seen) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  if (isReplay) console.log(Object.fromEntries(seen));
  expect(isReplay ? [] : mustBeSeen.filter((what) => !seen.has(what))).toEqual([]);
}, 600_000);
