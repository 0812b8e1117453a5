import { beforeAll, expect } from '@jest/globals';
import { endpoints, type FoundMovies } from '@usher/contract';
import { CatalogWriter, type MovieSpec } from './catalog.js';
import type { FileApp } from './file-app.js';

/** The fields of a search query. */
export type SearchFields = Record<string, string | number>;

/** Movies with titles, people and genres in several scripts. Each has one show in Köln. */
export const searchMovies: readonly MovieSpec[] = [
  { title: 'The Matrix', people: ['Lilly Wachowski', 'Carrie-Anne Moss'], genres: ['Action', 'Sci-Fi'] },
  { title: 'The Matrix Reloaded', people: ['Lilly Wachowski'], genres: ['Action', 'Sci-Fi'] },
  { title: 'The Godfather', people: ['Francis Ford Coppola'], genres: ['Crime'] },
  { title: 'Jurassic Park', people: ['Steven Spielberg'], genres: ['Adventure'] },
  { title: 'Amélie', originalTitle: "Le Fabuleux Destin d'Amélie Poulain", people: ['Jean-Pierre Jeunet'] },
  { title: 'Spirited Away', originalTitle: '千と千尋の神隠し', people: ['宮崎駿'], genres: ['Animation'] },
  { title: 'Parasite', originalTitle: '기생충', people: ['Bong Joon-ho'] },
  { title: 'Сталкер', people: ['Андрей Тарковский'] },
  { title: 'Spider-Man: No Way Home', people: ['Tom Holland'] },
  { title: "Ocean's Eleven", people: ['George Clooney', 'Søren Ågård'], genres: ['Crime'] },
  { title: 'It', genres: ['Horror'] },
  { title: 'M', people: ['Fritz Lang'] },
  { title: 'Mulholland Drive', people: ['David Lynch'] },
  { title: 'Us' },
  { title: 'WALL·E', genres: ['Animation'] },
  { title: 'Crime and Punishment' },
  { title: 'Straße der Sehnsucht' },
];

const places = [
  ['Köln', { postalCode: '50667', lat: 50.9384, lon: 6.9599 }],
  ['Bonn', { postalCode: '53111', lat: 50.7374, lon: 7.0982 }],
  ['Suva', { postalCode: 'SE1 1UN', lat: -18.1248, lon: 178.4501 }],
] as const;

/** Three cities, each with one hall, and the movies of {@link searchMovies}. Tests search these movies over REST. */
export class SearchCatalog {
  /** Ids of the halls by city name. */
  readonly hallIds: Record<string, number> = {};
  /** Ids of the cities by name. */
  readonly cityIds: Record<string, number> = {};

  constructor(private readonly app: FileApp) {}

  /** Writes to the tables of the catalog. */
  get writer(): CatalogWriter {
    return new CatalogWriter(this.app.pool);
  }

  async fill(): Promise<void> {
    const { writer } = this;
    for (const [name, place] of places) {
      const cityId = await writer.city(name);
      this.cityIds[name] = cityId;
      this.hallIds[name] = await writer.hall(await writer.cinema(cityId, place));
    }
    for (const movie of searchMovies) await writer.show(await writer.movie(movie), this.hallIds['Köln']!);
  }

  readonly search = (fields: SearchFields): Promise<FoundMovies> => search(this.app.url, fields);

  /** Searches by a keyword. Returns the titles of the movies. */
  readonly findTitles = async (keyword: string, more: SearchFields = {}): Promise<string[]> =>
    readTitles(await this.search({ keyword, ...more }));
}

/** Searches over REST and expects an answer that matches the contract. */
async function search(url: string, fields: SearchFields): Promise<FoundMovies> {
  const query = new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const answer = await fetch(`${url}/v1/movies/search?${query.toString()}`);
  const body = await answer.json();
  expect({ fields, status: answer.status, body }).toMatchObject({ status: 200 });
  const parsed = endpoints.searchMovies.answer.parse(body);
  expect(body).toEqual(parsed);
  return parsed;
}

export const readTitles = ({ items }: FoundMovies): string[] => items.map(({ movie }) => movie.title);

/** Fills the catalog before the first test of a file. */
export function setUpSearchCatalog(app: FileApp): SearchCatalog {
  const catalog = new SearchCatalog(app);
  beforeAll(() => catalog.fill());
  return catalog;
}
