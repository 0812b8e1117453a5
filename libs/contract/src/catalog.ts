import { z } from 'zod';
import {
  CalendarDay,
  Id,
  IdParam,
  Instant,
  Money,
  proseSchema,
  SeatKind,
  textSchema,
  Tier,
  TermsVersion,
} from './primitives.js';
import { SeatCounts } from './seat-map.js';

/** Opaque position in a list; comes from `nextCursor` and belongs to the query that gave it. */
export const Cursor = textSchema(512).min(1);

/** How much of a list to answer: `limit` 1–100, default 20, from `cursor` on. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: Cursor.optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A list's answer. `nextCursor` is null on the last page. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** A city. `timeZone` is an IANA name; it decides what "today" is there. */
export const City = z
  .object({
    cityId: Id,
    name: z.string(),
    country: z.string().meta({ description: 'ISO-3166 alpha-2', example: 'DE' }),
    timeZone: z.string().meta({ example: 'Europe/Berlin' }),
    lat: z.number(),
    lon: z.number(),
  })
  .meta({ id: 'City' });
export type City = z.infer<typeof City>;

/** A cinema or any other house with halls. */
export const Cinema = z
  .object({
    cinemaId: Id,
    cityId: Id,
    name: z.string(),
    address: z.string(),
    postalCode: z.string(),
    lat: z.number(),
    lon: z.number(),
    timeZone: z.string(),
  })
  .meta({ id: 'Cinema' });
export type Cinema = z.infer<typeof Cinema>;

/** A movie, or whatever else is shown. */
export const Movie = z
  .object({
    movieId: Id,
    title: z.string(),
    originalTitle: z.string().nullable(),
    people: z.array(z.object({ name: z.string(), role: z.string() })),
    genres: z.array(z.string()),
    language: z.string().nullable(),
    durationMinutes: z.int(),
    releaseDate: CalendarDay.nullable(),
    synopsis: z.string().nullable(),
    posterUrl: z.string().nullable(),
  })
  .meta({ id: 'Movie' });
export type Movie = z.infer<typeof Movie>;

/** Whether a show can be bought. `few`: under a tenth of its seats are free. */
export const SaleStatus = z.enum(['upcoming', 'open', 'few', 'full', 'closed']);
export type SaleStatus = z.infer<typeof SaleStatus>;

/** A show in a list of showtimes. `priceFrom` is its cheapest tier; `free` may be a few seconds old. */
export const Showtime = z
  .object({
    showId: Id,
    startsAt: Instant,
    hallName: z.string(),
    priceFrom: Money,
    free: z.int(),
    seatCount: z.int(),
    saleStatus: SaleStatus,
  })
  .meta({ id: 'Showtime' });
export type Showtime = z.infer<typeof Showtime>;

/** One cinema's showtimes of a movie. */
export const CinemaShowtimes = z.object({ cinema: Cinema, shows: z.array(Showtime) }).meta({ id: 'CinemaShowtimes' });
export type CinemaShowtimes = z.infer<typeof CinemaShowtimes>;

/** One movie's showtimes in a cinema. */
export const MovieShowtimes = z.object({ movie: Movie, shows: z.array(Showtime) }).meta({ id: 'MovieShowtimes' });
export type MovieShowtimes = z.infer<typeof MovieShowtimes>;

/**
 * When a buyer may give paid seats back. `deadlineMinutes` before the show's start it ends; `feeAmount`, in the currency's
 * minor unit, is kept of each seat's price.
 */
export const RefundRule = z
  .object({ deadlineMinutes: z.int().nonnegative(), feeAmount: z.int().nonnegative() })
  .meta({ id: 'RefundRule' });
export type RefundRule = z.infer<typeof RefundRule>;

/** A show's rules. `soft` refuses a choice that leaves one seat alone where a choice that does not exists. */
export const ShowRules = z
  .object({
    singleSeatGap: z.enum(['off', 'soft']),
    maxSeatsPerSession: z.int().positive().nullable(),
    strictLine: z.boolean(),
    refunds: RefundRule.nullish().meta({
      description: 'Absent: whole until the show starts. Null: buyers get nothing back by themselves',
    }),
  })
  .meta({ id: 'ShowRules' });
export type ShowRules = z.infer<typeof ShowRules>;

/** A price tier of a show. */
export const PriceTier = z.object({ tier: Tier, price: Money }).meta({ id: 'PriceTier' });
export type PriceTier = z.infer<typeof PriceTier>;

/** One show with what a buyer's page needs to know before its seats. */
export const Show = z
  .object({
    showId: Id,
    movie: Movie,
    cinema: Cinema,
    hall: z.object({ hallId: Id, name: z.string(), layoutId: Id }),
    startsAt: Instant,
    endsAt: Instant,
    tiers: z.array(PriceTier),
    saleOpensAt: Instant.nullable(),
    saleClosesAt: Instant,
    saleStatus: SaleStatus,
    calledOff: z.boolean(),
    calledOffReason: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Why the show was called off, in the words of the organiser; null if it was not' }),
    rules: ShowRules,
    seatCount: z.int(),
    counts: SeatCounts,
    waitingRoom: z.boolean(),
    termsVersion: TermsVersion.optional(),
  })
  .meta({ id: 'Show' });
export type Show = z.infer<typeof Show>;

/** `POST /v1/admin/shows/:showId/call-off`. */
export const CallOffBody = z.strictObject({ reason: proseSchema(1000).trim().min(1) }).meta({ id: 'CallOffBody' });
export type CallOffBody = z.infer<typeof CallOffBody>;

/** A seat's place in its hall. Seats of a row stand in walking order; a wider step between two of them is an aisle. */
export const LayoutSeat = z
  .object({
    label: z.string().meta({ example: 'D12' }),
    section: z.string(),
    row: z.string(),
    number: z.string(),
    x: z.number(),
    y: z.number(),
    tier: Tier,
    kind: SeatKind,
  })
  .meta({ id: 'LayoutSeat' });
export type LayoutSeat = z.infer<typeof LayoutSeat>;

/** Where people look: the screen or the stage, as a rectangle in the layout's units. */
export const LayoutStage = z.object({
  label: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});
export type LayoutStage = z.infer<typeof LayoutStage>;

/** A part of a hall with a name of its own (stalls, circle, box 3). Seats name theirs by it. */
export const LayoutSection = z.object({ name: z.string() });
export type LayoutSection = z.infer<typeof LayoutSection>;

/**
 * A hall's layout, never changed once made. Units are of the layout's own choosing; y grows away from the stage's edge
 * of the drawing, x to the right, both from 0 up to `width` and `height`. A seat's number on the wire is its position
 * in `seats`.
 */
export const Layout = z
  .object({
    layoutId: Id,
    seatCount: z.int().positive(),
    width: z.number().positive(),
    height: z.number().positive(),
    stage: LayoutStage.nullable(),
    sections: z.array(LayoutSection),
    seats: z.array(LayoutSeat),
  })
  .meta({ id: 'Layout' });
export type Layout = z.infer<typeof Layout>;

/** `GET /v1/cities`. */
export const CitiesQuery = PageQuery.extend({
  q: textSchema(100).optional(),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'must be an ISO-3166 alpha-2 code')
    .optional(),
});

/** `GET /v1/cities/:cityId/movies`: `date` is a calendar day of that city; without it today and later. */
export const CityMoviesQuery = PageQuery.extend({ date: CalendarDay.optional() });

/** `GET /v1/movies/:movieId/showtimes`. */
export const MovieShowtimesQuery = PageQuery.extend({ cityId: IdParam, date: CalendarDay.optional() });

/** `GET /v1/cinemas/:cinemaId/showtimes`. */
export const CinemaShowtimesQuery = PageQuery.extend({ date: CalendarDay.optional() });
