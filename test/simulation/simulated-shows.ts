import type { Random } from '../../src/catalog/demo/random.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';
import { smallShow, startAt, tiny } from './small-show.js';

const free = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false } as const;

/** A time within the run. */
const soon = (random: Random, from: number, span: number): number => startAt + from + random.integer(span);

/** What a show may be like; each run takes some of these. */
const kinds: readonly ((random: Random) => Partial<ShowTerms>)[] = [
  () => ({}),
  () => ({ rules: { singleSeatGap: 'soft', maxSeatsPerSession: 5, strictLine: false } }),
  (random) => ({ seatsMax: 4, saleClosesAt: soon(random, 5000, 30_000) }),
  // So few seats that there is always a line, and holds so short that it moves.
  () => ({ ...tiny, holdMs: 2000, queueWaitMs: 9000 }),
  (random) => ({ ...tiny, holdMs: 3000, queueWaitMs: 12_000, seatsMax: 4, saleClosesAt: soon(random, 8000, 60_000) }),
  () => ({ ...tiny, rules: { ...free, strictLine: true }, holdMs: 2000, queueWaitMs: 15_000 }),
  (random) => ({
    ...tiny,
    saleOpensAt: soon(random, 500, 3000),
    queueWaitMs: 8000,
    holdMs: 3000,
    waitingRoom: { mode: 'on', maxShoppers: 3, admitPerMinute: 150, shopMs: 2500 },
  }),
  (random) => ({
    saleClosesAt: soon(random, 8000, 60_000),
    queueWaitMs: 12_000,
    waitingRoom: { mode: 'auto', maxShoppers: 2, admitPerMinute: 4, shopMs: 3000 },
  }),
  () => ({
    ...tiny,
    queueWaitMs: 10_000,
    waitingRoom: { mode: 'auto', maxShoppers: 3, admitPerMinute: null, shopMs: 4000 },
  }),
];

/** How many kinds there are: the show ids are 1 to so many. */
export const showKindsCount = kinds.length;

/** Some of the shows, in the order of their ids: few, so that buyers meet. @param only these, if given */
export function someShows(random: Random, count: number, only: readonly number[] | null): ShowTerms[] {
  const left = kinds.map((_, index) => index + 1).filter((id) => only?.includes(id) ?? true);
  const chosen: number[] = [];
  while (left.length > 0 && chosen.length < count) {
    const [id] = left.splice(random.integer(left.length), 1);
    if (id !== undefined) chosen.push(id);
  }
  return chosen.toSorted((a, b) => a - b).map((showId) => smallShow({ showId, ...kinds[showId - 1]?.(random) }));
}
