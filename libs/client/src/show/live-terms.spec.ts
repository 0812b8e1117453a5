import { expect, it } from '@jest/globals';
import type { Show, ShowChanged } from '@usher/contract';
import { LiveTerms } from './live-terms.js';

const price = (amount: number) => [{ tier: 'standard', price: { amount, currency: 'EUR' } }];
const show = {
  showId: 1,
  startsAt: '2026-12-01T19:00:00.000Z',
  tiers: price(1250),
  calledOff: false,
  termsVersion: 0,
} as unknown as Show;
const heard = (termsVersion: number, other: Partial<ShowChanged> = {}): ShowChanged => ({
  showId: 1,
  termsVersion,
  at: '2026-11-30T12:00:00.000Z',
  changed: ['prices'],
  show: { tiers: price(4444) },
  before: { tiers: price(1250) },
  calledOff: false,
  reason: 'Inflation',
  ...other,
});

/** Terms whose show is read from `answers`, in turn. */
function terms(...answers: Show[]) {
  const reads: Show[] = [];
  let settled: () => void = () => undefined;
  const isRead = new Promise<void>((resolve) => (settled = resolve));
  const live = new LiveTerms(
    () => {
      const answer = answers.shift();
      if (!answer) return Promise.reject(new Error('nothing was to be read'));
      reads.push(answer);
      return Promise.resolve(answer);
    },
    () => reads.length > 0 && settled(),
  );
  live.follow(show);
  return { live, reads, isRead };
}

it('applies the next change from its message alone, and a message that comes twice once', () => {
  const { live, reads } = terms();
  live.heard(heard(1));
  const first = live.change;
  expect(live.show).toEqual({ ...show, tiers: price(4444), termsVersion: 1 });
  expect(first).toMatchObject({ changed: ['tiers'], reason: 'Inflation', before: { termsVersion: 0 } });
  live.heard(heard(1));
  expect(live.change).toBe(first);
  expect(reads).toEqual([]);
});

it.each<[string, (live: LiveTerms) => void]>([
  ['a message after a missed one', (live) => live.heard(heard(2))],
  ['a message that names another movie', (live) => live.heard(heard(1, { changed: ['movieId'], show: {} }))],
  ['a higher number in a heartbeat or a join', (live) => live.announced(2)],
])('reads the show again after %s', async (_, tell) => {
  const now = { ...show, calledOff: true, calledOffReason: 'No light', termsVersion: 2 };
  const { live, reads, isRead } = terms(now);
  tell(live);
  await isRead;
  expect(live.show).toBe(now);
  expect(live.change).toMatchObject({ changed: ['calledOff'], reason: 'No light' });
  live.announced(2);
  expect(reads).toHaveLength(1);
  live.close();
});
