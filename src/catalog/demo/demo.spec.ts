import { describe, expect, it } from '@jest/globals';
import { addDays, localDay } from '../../common/local-time.js';
import { demoMovies, isoDay } from './demo-movies.js';
import { demoLayouts, demoPlan, demoTiers, type DemoHallKind } from './demo-plan.js';
import { demoPrices } from './demo-prices.js';
import { demoShowsOfDay, type ProgrammeHall } from './demo-shows.js';
import { seededRandom } from './random.js';

const movies = demoMovies().map(({ durationMinutes }, index) => ({ id: index + 1, durationMinutes }));

const halls = demoPlan().flatMap(({ name: city, country, timeZone, cinemas }) =>
  cinemas.flatMap(({ cinema, halls: ofCinema }) =>
    ofCinema.map(({ name, kind }): ProgrammeHall => {
      return { key: `${city}/${cinema}/${name}`, kind, country, timeZone, tiers: demoTiers[kind] };
    }),
  ),
);

const hallIn = (timeZone: string, kind: DemoHallKind) =>
  halls.find((hall) => hall.timeZone === timeZone && hall.kind === kind)!;

/** One format per time zone, because creating a format takes longer than using it thousands of times. */
const timeFormats = new Map(
  halls.map(({ timeZone }) => [
    timeZone,
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }),
  ]),
);

const kilometres = (a: { lat: number; lon: number }, b: { lat: number; lon: number }) =>
  111.2 * Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180));

const firstOf = (day: string) => demoShowsOfDay(hallIn('Europe/Berlin', 'multiplex'), day, movies)[0]!.startsAt;

describe('the demo plan', () => {
  const cities = demoPlan();

  it('is the same on every call', () => {
    expect(demoPlan()).toEqual(cities);
  });

  it('has twelve cities with five cinemas each, and no name twice', () => {
    expect(cities).toHaveLength(12);
    expect(cities.map(({ cinemas }) => cinemas.length)).toEqual(Array.from({ length: 12 }, () => 5));
    expect(new Set(cities.map(({ name }) => name)).size).toBe(12);
    for (const { cinemas } of cities) {
      expect(new Set(cinemas.map(({ cinema }) => cinema)).size).toBe(5);
      for (const { halls: ofCinema } of cinemas) {
        expect(new Set(ofCinema.map(({ name }) => name)).size).toBe(ofCinema.length);
      }
    }
  });

  it('has the right coordinates for cities, and cinemas near the centres of their cities', () => {
    const berlin = cities.find(({ name }) => name === 'Berlin')!;
    expect(berlin).toMatchObject({ country: 'DE', timeZone: 'Europe/Berlin' });
    expect(kilometres(berlin, { lat: 52.52, lon: 13.405 })).toBeLessThan(2);
    for (const city of cities) {
      for (const cinema of city.cinemas) expect(kilometres(city, cinema)).toBeLessThan(6);
    }
  });

  it('gives every cinema an art house hall and multiplex halls, and every city one palace', () => {
    for (const { cinemas } of cities) {
      const palaces = cinemas.map(({ halls: ofCinema }) => ofCinema.filter(({ kind }) => kind === 'palace').length);
      expect(palaces).toEqual([1, 0, 0, 0, 0]);
      for (const { halls: ofCinema } of cinemas) {
        expect(ofCinema.filter(({ kind }) => kind === 'artHouse')).toHaveLength(1);
        expect(ofCinema.filter(({ kind }) => kind === 'multiplex').length).toBeGreaterThanOrEqual(2);
      }
    }
  });

  it.each(['artHouse', 'multiplex', 'palace'] as const)('has prices for every %s tier in every country', (kind) => {
    const tiers = [...new Set(demoLayouts[kind]().seats.map(({ tier }) => tier))].toSorted();
    expect(demoTiers[kind]).toEqual(tiers);
    for (const { country } of cities) {
      const evening = demoPrices(country, tiers, '20:00');
      const matinee = demoPrices(country, tiers, '14:30');
      expect(Object.keys(evening.prices)).toEqual(tiers);
      for (const tier of tiers) {
        expect(Number.isSafeInteger(evening.prices[tier])).toBe(true);
        expect(matinee.prices[tier]).toBeGreaterThan(0);
        expect(matinee.prices[tier]).toBeLessThan(evening.prices[tier]!);
      }
    }
  });

  it('refuses a country or a tier without a price', () => {
    expect(() => demoPrices('XX', ['standard'], '20:00')).toThrow(/XX/);
    expect(() => demoPrices('DE', ['pit'], '20:00')).toThrow(/pit/);
  });
});

describe('the demo movies', () => {
  it('are forty different films with all their details', () => {
    const films = demoMovies();
    expect(new Set(films.map(({ title }) => title)).size).toBe(40);
    expect(films.find(({ title }) => title === 'The Matrix')).toEqual({
      title: 'The Matrix',
      people: [{ name: 'Lilly Wachowski', role: 'director' }],
      genres: ['Action'],
      durationMinutes: 136,
      releaseDate: '1999-03-31',
    });
    for (const { releaseDate } of films) expect(new Date(releaseDate).toISOString().slice(0, 10)).toBe(releaseDate);
  });

  it('have the release days of the package, no matter what the time zone of the machine is', () => {
    expect(isoDay('Nov 12 2004')).toBe('2004-11-12');
    expect(isoDay('Jan 01 1999')).toBe('1999-01-01');
  });
});

describe('the demo programme', () => {
  const days = Array.from({ length: 14 }, (_, index) => addDays('2026-10-20', index));
  const programmes = halls.map((hall) => ({
    hall,
    showsByDay: new Map(days.map((day) => [day, demoShowsOfDay(hall, day, movies)])),
  }));

  it('depends only on the hall and the day', () => {
    const hall = hallIn('Europe/Berlin', 'multiplex');
    expect(demoShowsOfDay(hall, '2026-10-20', movies)).toEqual(demoShowsOfDay(hall, '2026-10-20', movies));
    const movieIds = days.map((day) => demoShowsOfDay(hall, day, movies).map(({ movieId }) => movieId));
    expect(new Set(movieIds.map(String)).size).toBeGreaterThan(7);
  });

  it('starts shows at the same local times before and after summer time ends', () => {
    const times: Record<DemoHallKind, string[]> = {
      artHouse: ['17:15', '20:00', '22:30'],
      multiplex: ['14:30', '17:15', '20:00', '22:30'],
      palace: ['14:30', '20:00'],
    };
    const checked = new Set<string>();
    for (const { hall, showsByDay } of programmes) {
      for (const [day, shows] of showsByDay) {
        for (const { startsAt } of shows) {
          // Many halls of a city start their shows at the same times, so each start is checked only once.
          const start = [hall.kind, hall.timeZone, day, startsAt.getTime()].join();
          if (checked.has(start)) continue;
          checked.add(start);
          expect(localDay(startsAt, hall.timeZone)).toBe(day);
          expect(times[hall.kind]).toContain(timeFormats.get(hall.timeZone)!.format(startsAt));
        }
      }
    }
    expect(firstOf('2026-10-24').toISOString()).toBe('2026-10-24T12:30:00.000Z');
    expect(firstOf('2026-10-25').toISOString()).toBe('2026-10-25T13:30:00.000Z');
  });

  it('never has overlapping shows in a hall', () => {
    let count = 0;
    for (const { showsByDay } of programmes) {
      const shows = [...showsByDay.values()].flat();
      count += shows.length;
      expect(shows.slice(1).filter(({ startsAt }, index) => startsAt <= shows[index]!.endsAt)).toEqual([]);
    }
    expect(count).toBeGreaterThan(5000);
  });

  it('gives each show the duration of its movie, and uses both gap rules', () => {
    const shows = halls.flatMap((hall) => demoShowsOfDay(hall, '2026-10-20', movies));
    for (const { movieId, startsAt, endsAt } of shows) {
      expect((endsAt.getTime() - startsAt.getTime()) / 60_000).toBe(movies[movieId - 1]!.durationMinutes);
    }
    expect(new Set(shows.map(({ rules }) => rules.singleSeatGap))).toEqual(new Set(['off', 'soft']));
  });

  it('opens the sale of a palace show ten days before the show, at 10:00 local time', () => {
    const [show] = demoShowsOfDay(hallIn('America/New_York', 'palace'), '2026-11-05', movies);
    expect(show!.saleOpensAt!.toISOString()).toBe('2026-10-26T14:00:00.000Z');
    expect(demoShowsOfDay(hallIn('America/New_York', 'artHouse'), '2026-11-05', movies)[0]!.saleOpensAt).toBeNull();
  });
});

const draw = (seed: string) => {
  const random = seededRandom(seed);
  return Array.from({ length: 10_000 }, () => random.integer(10));
};

describe('seededRandom', () => {
  it('repeats its numbers only for the same seed, and spreads them evenly', () => {
    const drawn = draw('a');
    expect(draw('a')).toEqual(drawn);
    expect(draw('b')).not.toEqual(drawn);
    const counts = Array.from({ length: 10 }, (_, digit) => drawn.filter((number) => number === digit).length);
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('refuses to pick from an empty list', () => {
    expect(() => seededRandom('a').pick([])).toThrow(RangeError);
  });
});
