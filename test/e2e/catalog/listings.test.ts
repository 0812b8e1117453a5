import { describe, expect, it } from '@jest/globals';
import { type City, endpoints, type Showtime } from '@usher/contract';
import { CatalogClient, formatLocalDay, localDayFromNow } from '../../support/catalog-client.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';

const app = setUpApp({ demo: true, env: manyCalls });
const catalog = new CatalogClient(app);

const sortShowIds = (shows: { shows: Showtime[] }[]) =>
  shows.flatMap((group) => group.shows.map(({ showId }) => showId)).toSorted((a, b) => a - b);

describe('cities', () => {
  it('are found by any part of their name, with or without accents and capitals', async () => {
    for (const q of ['zürich', 'ZURICH', 'uric', 'Zu\u0308r']) {
      expect((await catalog.listCities(`?q=${encodeURIComponent(q)}`)).map(({ name }) => name)).toEqual(['Zürich']);
    }
    expect((await catalog.listCities('?q=kobenhavn')).map(({ name }) => name)).toEqual(['København']);
  });

  it('can be filtered by country in any letter case, and by country and name together', async () => {
    expect((await catalog.listCities('?country=us')).map(({ name }) => name)).toEqual(['New York']);
    expect(await catalog.listCities('?country=US&q=berlin')).toEqual([]);
  });

  it('treat SQL wildcards in a search as ordinary characters', async () => {
    for (const q of ['%', '_', '\\', "'"]) expect(await catalog.listCities(`?q=${encodeURIComponent(q)}`)).toEqual([]);
  });

  it('come in the same order on many pages as on one page, and each city comes once', async () => {
    const all = await catalog.listCities();
    expect(all).toHaveLength(12);
    expect(await catalog.readAll<City>('/v1/cities', endpoints.listCities.answer, 5)).toEqual(all);
    expect(await catalog.readAll<City>('/v1/cities', endpoints.listCities.answer, 1)).toEqual(all);
    expect(new Set(all.map(({ cityId }) => cityId)).size).toBe(12);
  });
});

describe('cinemas and movies', () => {
  it('are the same in a list and when read one by one', async () => {
    const { cityId } = await catalog.findCity('Tokyo');
    const cinemas = await catalog.listCinemas(cityId, 2);
    expect(cinemas).toHaveLength(5);
    const [cinema] = cinemas;
    expect(cinema).toMatchObject({ cityId, timeZone: 'Asia/Tokyo' });
    expect(await catalog.read(`/v1/cinemas/${cinema!.cinemaId}`, endpoints.getCinema.answer)).toEqual(cinema);

    const [movie] = await catalog.listMovies(cityId);
    expect(await catalog.read(`/v1/movies/${movie!.movieId}`, endpoints.getMovie.answer)).toEqual(movie);
  });

  it('include a movie on a day if and only if it has a show in the city on that local day', async () => {
    const { cityId, timeZone } = await catalog.findCity('Sydney');
    const date = localDayFromNow(2, timeZone);
    const listed = await catalog.listMovies(cityId, `?date=${date}`, 7);
    const playing = new Map<number, string>();
    for (const { cinemaId } of await catalog.listCinemas(cityId)) {
      for (const { movie } of await catalog.listShowtimesOfCinema(cinemaId, `?date=${date}`))
        playing.set(movie.movieId, movie.title);
    }
    expect(new Set(listed.map(({ movieId }) => movieId))).toEqual(new Set(playing.keys()));
    expect(listed).toHaveLength(playing.size);
  });

  it('include no movie on a day without shows, and cannot be requested for a day before 1880 or after 2199', async () => {
    const { cityId } = await catalog.findCity('Sydney');
    for (const date of ['1880-01-01', '1969-12-31', '2100-02-28', '2199-12-31']) {
      expect(await catalog.listMovies(cityId, `?date=${date}`)).toEqual([]);
    }
    for (const date of ['0001-01-01', '1879-12-31', '2200-01-01', '9999-12-31']) {
      expect((await catalog.get(`/v1/cities/${cityId}/movies?date=${date}`)).status).toBe(400);
    }
  });
});

describe('showtimes', () => {
  it('list the same shows by movie and by cinema', async () => {
    const { cityId, timeZone } = await catalog.findCity('Nairobi');
    const query = `date=${localDayFromNow(1, timeZone)}`;
    const cinemas = await catalog.listCinemas(cityId);
    const byCinema = await Promise.all(
      cinemas.map(({ cinemaId }) => catalog.listShowtimesOfCinema(cinemaId, `?${query}`, 3)),
    );
    const movies = await catalog.listMovies(cityId, `?${query}`);
    const byMovie = await Promise.all(
      movies.map(({ movieId }) => catalog.listShowtimesOfMovie(movieId, `?cityId=${cityId}&${query}`, 2)),
    );
    expect(sortShowIds(byMovie.flat())).toEqual(sortShowIds(byCinema.flat()));
    expect(sortShowIds(byMovie.flat()).length).toBeGreaterThan(30);
  });

  it('for a date begin on that day in the time zone of the city', async () => {
    for (const name of ['Tokyo', 'New York', 'Mumbai']) {
      const { cityId, timeZone } = await catalog.findCity(name);
      const date = localDayFromNow(4, timeZone);
      const [cinema] = await catalog.listCinemas(cityId);
      const groups = await catalog.listShowtimesOfCinema(cinema!.cinemaId, `?date=${date}`);
      const days = groups.flatMap(({ shows }) => shows.map(({ startsAt }) => formatLocalDay(startsAt, timeZone)));
      expect(new Set(days)).toEqual(new Set([date]));
    }
  });

  it('without a date are those of today and of the thirteen days after it', async () => {
    const { cityId, timeZone } = await catalog.findCity('Cape Town');
    const [cinema] = await catalog.listCinemas(cityId);
    const all = await catalog.listShowtimesOfCinema(cinema!.cinemaId);
    const days = Array.from({ length: 14 }, (_, index) => localDayFromNow(index, timeZone));
    const daily = await Promise.all(
      days.map((date) => catalog.listShowtimesOfCinema(cinema!.cinemaId, `?date=${date}`)),
    );
    expect(daily.every((groups) => groups.length > 0)).toBe(true);
    expect(sortShowIds(all)).toEqual(sortShowIds(daily.flat()));
  });

  it('are sorted by time and contain the price of the cheapest tier', async () => {
    const { cityId } = await catalog.findCity('London');
    const [movie] = await catalog.listMovies(cityId);
    const groups = await catalog.listShowtimesOfMovie(movie!.movieId, `?cityId=${cityId}`);
    for (const { shows } of groups) {
      expect(shows.map(({ startsAt }) => startsAt)).toEqual(shows.map(({ startsAt }) => startsAt).toSorted());
    }
    const listed = groups[0]!.shows.at(-1)!;
    const { tiers } = await catalog.readShow(listed.showId);
    expect(listed.priceFrom).toEqual(tiers[0]!.price);
    expect(Math.min(...tiers.map(({ price }) => price.amount))).toBe(listed.priceFrom.amount);
  });
});
