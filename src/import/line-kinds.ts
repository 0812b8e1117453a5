import { CinemaBody, CityBody, HallBody, Id, MovieBody, nameSchema, ShowBody } from '@usher/contract';
import { z } from 'zod';
import { layoutHash } from './line-layouts.js';

/** What a line can be, in the order in which lines are imported: each kind refers only to those before it. */
export const kinds = ['city', 'cinema', 'hall', 'movie', 'show'] as const;
export type Kind = (typeof kinds)[number];

/** What a file is named after that has one kind of lines: `shows.csv`, `halls-north.ndjson`. */
export const plurals: Readonly<Record<Kind, string>> = {
  city: 'cities',
  cinema: 'cinemas',
  hall: 'halls',
  movie: 'movies',
  show: 'shows',
};

/** The name that whoever wrote the file knows a thing by: how it is found again by the next import. */
const Ref = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), nameSchema(200));

const City = CityBody.extend({ ref: Ref });

const Cinema = CinemaBody.omit({ cityId: true })
  .extend({ ref: Ref, cityRef: Ref.optional(), cityId: Id.optional() })
  .refine(({ cityRef, cityId }) => (cityRef === undefined) !== (cityId === undefined), oneOf('city'));

const Hall = HallBody.omit({ cinemaId: true })
  .extend({ ref: Ref, cinemaRef: Ref.optional(), cinemaId: Id.optional(), layout: layoutHash })
  .refine(({ cinemaRef, cinemaId }) => (cinemaRef === undefined) !== (cinemaId === undefined), oneOf('cinema'));

const Movie = MovieBody.extend({ ref: Ref });

const Show = ShowBody.omit({ movieId: true, hallId: true })
  .extend({
    ref: Ref,
    movieRef: Ref.optional(),
    movieId: Id.optional(),
    hallRef: Ref.optional(),
    hallId: Id.optional(),
  })
  .refine(({ movieRef, movieId }) => (movieRef === undefined) !== (movieId === undefined), oneOf('movie'))
  .refine(({ hallRef, hallId }) => (hallRef === undefined) !== (hallId === undefined), oneOf('hall'));

function oneOf(what: Kind) {
  return {
    path: [`${what}Ref`],
    error: `must be the ref of a ${what}; or ${what}Id its number here, and not both`,
  };
}

/**
 * A line of each kind: what `POST /v1/admin/…` takes, with a `ref`, and other things named by their refs or, where an
 * import did not make them, by their ids.
 */
export const lineSchemas = { city: City, cinema: Cinema, hall: Hall, movie: Movie, show: Show } as const;

/** A checked line of a kind. */
export type LineBody<K extends Kind> = z.output<(typeof lineSchemas)[K]>;

/** The fields of each kind. */
export const lineFields: Readonly<Record<Kind, ReadonlySet<string>>> = {
  city: new Set(Object.keys(City.shape)),
  cinema: new Set(Object.keys(Cinema.shape)),
  hall: new Set(Object.keys(Hall.shape)),
  movie: new Set(Object.keys(Movie.shape)),
  show: new Set(Object.keys(Show.shape)),
};

/** The kind of the lines of a file that is named after it; null: the name says none. */
export function kindOfName(fileName: string): Kind | null {
  const [word = ''] = fileName.toLowerCase().split(/[^a-z]/);
  return kinds.find((kind) => word === kind || word === plurals[kind]) ?? null;
}

/** The kind that a word names; null: none. */
export const kindOfWord = (word: unknown): Kind | null =>
  kinds.find((kind) => word === kind || word === plurals[kind]) ?? null;
