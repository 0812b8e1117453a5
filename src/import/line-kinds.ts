import { CinemaBody, CityBody, HallBody, Id, MovieBody, nameSchema, ShowBody } from '@usher/contract';
import { z } from 'zod';
import { layoutHash } from './line-layouts.js';

/** The kinds of lines in the order of their import. Each kind refers only to kinds before it. */
export const kinds = ['city', 'cinema', 'hall', 'movie', 'show'] as const;
export type Kind = (typeof kinds)[number];

/**
 * The plural of each kind. A file name may start with it to state the kind, such as `shows.csv` or
 * `halls-north.ndjson`.
 */
export const plurals: Readonly<Record<Kind, string>> = {
  city: 'cities',
  cinema: 'cinemas',
  hall: 'halls',
  movie: 'movies',
  show: 'shows',
};

/** The id of a row in the source system. The next import finds the row by this id. */
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

function oneOf(kind: Kind) {
  return {
    path: [`${kind}Ref`],
    error: `must be the ref of a ${kind}, unless the line has ${kind}Id instead; only one of them may be given`,
  };
}

/**
 * The schema of each kind of line. A line has the fields of `POST /v1/admin/…` and a `ref`. It refers to other rows by their
 * refs, or by their ids if no import created them.
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

/** Returns the kind that a file name states, or null. */
export function kindOfName(fileName: string): Kind | null {
  const [word = ''] = fileName.toLowerCase().split(/[^a-z]/);
  return kinds.find((kind) => word === kind || word === plurals[kind]) ?? null;
}

/** Returns the kind that a word names, or null. */
export const kindOfWord = (word: unknown): Kind | null =>
  kinds.find((kind) => word === kind || word === plurals[kind]) ?? null;
