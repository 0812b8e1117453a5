import { cityMapping } from 'city-timezones';
import { artHouse, multiplex, palace, type LayoutPlan } from '../layouts/index.js';
import { demoPlaces, type DemoCityPlaces, type DemoPlace } from './demo-places.js';
import { seededRandom } from './random.js';

/** The layouts of the demo's halls. Each layout is stored once, and many halls use it. */
export const demoLayouts = { artHouse, multiplex, palace } as const satisfies Record<string, () => LayoutPlan>;
export type DemoHallKind = keyof typeof demoLayouts;

/** The tiers of each layout, sorted. */
export const demoTiers: Readonly<Record<DemoHallKind, readonly string[]>> = {
  artHouse: ['standard'],
  multiplex: ['premium', 'standard'],
  palace: ['box', 'circle', 'stalls'],
};

/** A hall of the demo; its name is unique in its cinema. */
export interface DemoHall {
  readonly name: string;
  readonly kind: DemoHallKind;
}

/** A cinema of the demo; its name is unique in its city. */
export interface DemoCinema extends DemoPlace {
  readonly lat: number;
  readonly lon: number;
  readonly halls: readonly DemoHall[];
}

/** A city of the demo. */
export interface DemoCity {
  readonly name: string;
  readonly country: string;
  readonly timeZone: string;
  readonly lat: number;
  readonly lon: number;
  readonly cinemas: readonly DemoCinema[];
}

/** Maximum distance of a cinema from the city's centre in each of the directions north, south, east and west. */
const spreadKm = 4;
const kmPerDegree = 111.2;

const degrees = (value: number): number => Math.round(value * 1e5) / 1e5;

/** Returns the demo's cities with their cinemas and halls. The result is always the same. */
export const demoPlan = (): DemoCity[] => demoPlaces.map(planCity);

function planCity({ city: name, country, places }: DemoCityPlaces): DemoCity {
  const city = cityMapping.find((known) => known.city === name && known.iso2 === country);
  if (city === undefined) throw new RangeError(`the package city-timezones has no city ${name} in ${country}`);
  const cinemas = places.map((place, index) => planCinema(city, place, index === 0));
  return { name, country, timeZone: city.timezone, lat: degrees(city.lat), lon: degrees(city.lng), cinemas };
}

function planCinema(
  city: { readonly city: string; readonly lat: number; readonly lng: number },
  place: DemoPlace,
  first: boolean,
): DemoCinema {
  const random = seededRandom(`${city.city}/${place.cinema}`);
  const away = () => ((random.fraction() * 2 - 1) * spreadKm) / kmPerDegree;
  const lat = degrees(city.lat + away());
  const lon = degrees(city.lng + away() / Math.cos((city.lat * Math.PI) / 180));
  const multiplexes = Array.from({ length: 2 + random.integer(2) }, (_, index): DemoHall => {
    return { name: `Hall ${index + 1}`, kind: 'multiplex' };
  });
  const halls: DemoHall[] = [...multiplexes, { name: 'Studio', kind: 'artHouse' }];
  if (first) halls.unshift({ name: 'Grand Hall', kind: 'palace' });
  return { ...place, lat, lon, halls };
}
