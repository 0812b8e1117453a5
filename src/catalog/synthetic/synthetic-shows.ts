import { type Random, seededRandom } from '../demo/random.js';
import { addDays, instantOf, localDay } from '../../common/local-time.js';
import type { SyntheticCity, SyntheticSize } from './synthetic-plan.js';

/** A synthetic show. Its cinema, hall and movie are given by their indexes. */
export interface SyntheticShow {
  readonly cinema: number;
  readonly hall: number;
  readonly movie: number;
  readonly startsAt: Date;
  readonly isMatinee: boolean;
}

/** Local start times. Every movie is shorter than the time between two starts. */
const starts = ['14:30', '17:30', '20:30', '23:30'];

/** Number of movies that are drawn for a cinema's programme. */
const programmeSize = 14;

/** One of this many movies can have shows. */
const playingShare = 5;

/** Returns the largest number of shows that fit into the halls and days. */
export const syntheticShowsMax = ({ cities, cinemas, halls, days }: SyntheticSize): number =>
  cities * cinemas * halls * days * starts.length;

/**
 * Plans all shows, hall by hall. The frequency of the n-th movie is proportional to 1/n. So a few movies play in nearly
 * all cinemas, and most movies play in only a few.
 *
 * @param now the current time; in each city, the first shows are on the next local day
 */
export function* syntheticShows(
  size: SyntheticSize,
  cities: readonly SyntheticCity[],
  now: Date,
): Generator<SyntheticShow> {
  const halls = size.cities * size.cinemas * size.halls;
  const slots = size.days * starts.length;
  const slot = slotTimes(now);
  const popular = popularity(Math.max(1, Math.floor(size.movies / playingShare)));
  for (const [city, { timeZone }] of cities.entries()) {
    for (let cinema = city * size.cinemas; cinema < (city + 1) * size.cinemas; cinema++) {
      const random = seededRandom(`${size.seed}/shows/${cinema}`);
      const programme = Array.from({ length: programmeSize }, () => popular(random) * playingShare);
      for (let hall = 0; hall < size.halls; hall++) {
        // This formula spreads the shows evenly over the halls, and their total is exactly `size.shows`.
        const at = cinema * size.halls + hall;
        const count = Math.floor(((at + 1) * size.shows) / halls) - Math.floor((at * size.shows) / halls);
        for (let nth = 0; nth < count; nth++) {
          // Each slot is used at most once, because a hall can have only one show at a time.
          const share = slots / count;
          const place = Math.floor(nth * share + random.fraction() * Math.max(0, share - 1));
          const time = slot(place, timeZone);
          yield { cinema, hall, movie: random.pick(programme), ...time };
        }
      }
    }
  }
}

/**
 * Returns a function that computes the time of a slot in a time zone. The function caches its results, because 300,000
 * conversions between time zones take ten seconds.
 */
function slotTimes(now: Date): (place: number, timeZone: string) => { startsAt: Date; isMatinee: boolean } {
  const known = new Map<string, { startsAt: Date; isMatinee: boolean }>();
  return (place, timeZone) => {
    const key = `${place} ${timeZone}`;
    const found = known.get(key);
    if (found) return found;
    const day = addDays(localDay(now, timeZone), 1 + Math.floor(place / starts.length));
    const start = starts[place % starts.length] ?? '';
    const made = { startsAt: instantOf(day, start, timeZone), isMatinee: start < '17:00' };
    known.set(key, made);
    return made;
  };
}

/**
 * Returns a function that draws a random number from 0 to `count` - 1. The probability of the n-th number is
 * proportional to 1/n.
 */
function popularity(count: number): (random: Random) => number {
  const sums: number[] = [];
  for (let n = 1; n <= count; n++) sums.push((sums.at(-1) ?? 0) + 1 / n);
  const total = sums.at(-1) ?? 1;
  return (random) => {
    const wanted = random.fraction() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
