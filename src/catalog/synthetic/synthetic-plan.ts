import { cityMapping } from 'city-timezones';
import { StartError } from '../../common/start-error.js';
import { type Random, seededRandom } from '../demo/random.js';
import { foldText } from '../fold-text.js';
import * as names from './synthetic-names.js';

/** The size and the seed of a synthetic catalog. */
export interface SyntheticSize {
  /** ISO-3166 alpha-2. The catalog uses the country's largest cities. */
  readonly country: string;
  readonly cities: number;
  /** Cinemas per city. */
  readonly cinemas: number;
  /** Halls per cinema. */
  readonly halls: number;
  /** Number of movies in the catalog. At most about a fifth of them have shows. */
  readonly movies: number;
  readonly shows: number;
  /** Number of days with shows. The first of these days is tomorrow, by the local time of each city. */
  readonly days: number;
  readonly seed: string;
}

/** A city, with the data from which its cinemas are planned. */
export interface SyntheticCity {
  readonly name: string;
  readonly foldedName: string;
  readonly country: string;
  readonly timeZone: string;
  readonly lat: number;
  readonly lon: number;
}

export interface SyntheticCinema {
  /** Index of the cinema's city. */
  readonly city: number;
  readonly name: string;
  readonly address: string;
  readonly postalCode: string;
  readonly lat: number;
  readonly lon: number;
}

export interface SyntheticMovie {
  readonly title: string;
  readonly originalTitle: string | null;
  readonly people: readonly { readonly name: string; readonly role: string }[];
  readonly genres: readonly string[];
  readonly language: string;
  readonly durationMinutes: number;
  readonly releaseDate: string;
}

const degrees = (value: number): number => Math.round(value * 1e5) / 1e5;

/** Returns the largest cities of a country. @throws StartError if too few are known */
export function syntheticCities({ country, cities }: SyntheticSize): SyntheticCity[] {
  const known = cityMapping.filter(({ iso2, timezone }) => iso2 === country && timezone);
  if (known.length < cities) {
    throw new StartError(`--cities must be at most ${known.length} for ${country}. US has the most cities.`);
  }
  return known
    .toSorted((a, b) => b.pop - a.pop || (a.city < b.city ? -1 : 1))
    .slice(0, cities)
    .map(({ city: name, timezone: timeZone, lat, lng }) => {
      return { name, foldedName: foldText(name), country, timeZone, lat: degrees(lat), lon: degrees(lng) };
    });
}

/**
 * Plans the cinemas within about ten kilometres north, south, east and west of each city's centre. Unless a city has
 * very many cinemas, most of them have a postal code of their own.
 */
export function syntheticCinemas(size: SyntheticSize, cities: readonly SyntheticCity[]): SyntheticCinema[] {
  return cities.flatMap(({ name, lat, lon }, city) => {
    const random = seededRandom(`${size.seed}/cinemas/${city}`);
    return Array.from({ length: size.cinemas }, (_, index) => ({
      city,
      name: `${names.cinemaNames[index % names.cinemaNames.length]} ${name}${index < names.cinemaNames.length ? '' : ` ${index}`}`,
      address: `${1 + random.integer(400)} ${random.pick(names.streets)} Street`,
      postalCode: String(10_000 + ((city * 150 + random.integer(100)) % 90_000)),
      lat: degrees(lat + (random.fraction() - 0.5) * 0.2),
      lon: degrees(lon + (random.fraction() - 0.5) * 0.2),
    }));
  });
}

/** Plans movies. No two of them have the same title. */
export function syntheticMovies({ seed, movies }: SyntheticSize): SyntheticMovie[] {
  const random = seededRandom(`${seed}/movies`);
  const taken = new Set<string>();
  return Array.from({ length: movies }, (_, index) => {
    const foreign = index % 12 === 5 ? random.pick(names.foreignTitles) : null;
    const title = untaken(foreign ? foreign[0] : inventedTitle(random), taken);
    return {
      title,
      originalTitle: foreign ? foreign[1] : null,
      people: [
        { name: inventedName(random), role: 'director' },
        { name: inventedName(random), role: 'actor' },
        { name: inventedName(random), role: 'actor' },
      ],
      genres: [...new Set([random.pick(names.genres), random.pick(names.genres)])],
      language: foreign ? foreign[2] : 'en',
      durationMinutes: 85 + random.integer(60),
      releaseDate: `${1960 + random.integer(66)}-${String(1 + random.integer(12)).padStart(2, '0')}-01`,
    };
  });
}

function inventedTitle(random: Random): string {
  const [adjective, noun, other] = [random.pick(names.adjectives), random.pick(names.nouns), random.pick(names.nouns)];
  const shapes = [
    `The ${adjective} ${noun}`,
    `${adjective} ${noun}`,
    `${noun} of the ${other}`,
    `The ${noun} and the ${other}`,
    `A ${noun} in ${random.pick(names.places)}`,
    `${noun}-${other}`,
    `${noun}: The ${adjective} ${other}`,
  ];
  return random.pick(shapes);
}

const inventedName = (random: Random): string => `${random.pick(names.firstNames)} ${random.pick(names.lastNames)}`;

function untaken(title: string, taken: Set<string>): string {
  let free = title;
  for (let part = 2; taken.has(free); part++) free = `${title} ${part}`;
  taken.add(free);
  return free;
}
