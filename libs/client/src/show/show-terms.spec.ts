import { expect, it } from '@jest/globals';
import type { Show, ShowChanged } from '@usher/contract';
import { ShowTerms } from './show-terms.js';

const price = (amount: number) => [{ tier: 'standard', price: { amount, currency: 'EUR' } }];
const show: Show = {
  showId: 1,
  movie: {
    movieId: 2,
    title: 'A Test',
    originalTitle: null,
    people: [],
    genres: [],
    language: null,
    durationMinutes: 90,
    releaseDate: null,
    synopsis: null,
    posterUrl: null,
  },
  cinema: {
    cinemaId: 3,
    cityId: 4,
    name: 'The Test',
    address: 'Street 1',
    postalCode: '10115',
    lat: 52.5,
    lon: 13.4,
    timeZone: 'Europe/Berlin',
  },
  hall: { hallId: 5, name: 'Hall 1', layoutId: 6 },
  startsAt: '2026-12-01T19:00:00.000Z',
  endsAt: '2026-12-01T20:30:00.000Z',
  tiers: price(1250),
  saleOpensAt: null,
  saleClosesAt: '2026-12-01T19:00:00.000Z',
  saleStatus: 'open',
  calledOff: false,
  rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false },
  seatCount: 1,
  counts: { free: 1, held: 0, sold: 0, blocked: 0 },
  waitingRoom: false,
  termsVersion: 0,
};
const message = (termsVersion: number, other: Partial<ShowChanged> = {}): ShowChanged => ({
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

/** Returns terms whose reads of the show return `answers`, one after the other. */
function followShow(...answers: Show[]) {
  const reads: Show[] = [];
  let settled: () => void = () => undefined;
  const isRead = new Promise<void>((resolve) => (settled = resolve));
  const terms = new ShowTerms(
    () => {
      const answer = answers.shift();
      if (!answer) return Promise.reject(new Error('unexpected read'));
      reads.push(answer);
      return Promise.resolve(answer);
    },
    () => reads.length > 0 && settled(),
  );
  terms.follow(show);
  return { terms, reads, isRead };
}

it('applies the next change from its message without reading the show, and ignores a repeated message', () => {
  const { terms, reads } = followShow();
  terms.onShowChanged(message(1));
  const first = terms.termsChange;
  expect(terms.show).toEqual({ ...show, tiers: price(4444), termsVersion: 1 });
  expect(first).toMatchObject({ changedFields: ['tiers'], reason: 'Inflation', before: { termsVersion: 0 } });
  terms.onShowChanged(message(1));
  expect(terms.termsChange).toBe(first);
  expect(reads).toEqual([]);
});

it.each<[string, (terms: ShowTerms) => void]>([
  ['a message that follows a missed message', (terms) => terms.onShowChanged(message(2))],
  [
    'a message that names another movie',
    (terms) => terms.onShowChanged(message(1, { changed: ['movieId'], show: {} })),
  ],
  ['a higher version in a heartbeat or an answer', (terms) => terms.onTermsVersion(2)],
])('reads the show again after %s', async (_, deliver) => {
  const now = { ...show, calledOff: true, calledOffReason: 'No light', termsVersion: 2 };
  const { terms, reads, isRead } = followShow(now);
  deliver(terms);
  await isRead;
  expect(terms.show).toBe(now);
  expect(terms.termsChange).toMatchObject({ changedFields: ['calledOff'], reason: 'No light' });
  terms.onTermsVersion(2);
  expect(reads).toHaveLength(1);
  terms.close();
});
