import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { RefundRule, ShowRules } from './catalog.js';
import { isSaleCurrency } from './currencies.js';
import { layoutSeatsMax } from './layouts/layout-body.js';
import { LayoutInput } from './layouts/layout-input.js';
import { amountMaxMinorUnits, formatDecimal } from './money.js';
import {
  CalendarDay,
  Id,
  Instant,
  Money,
  nameSchema,
  proseSchema,
  ShowInstantInput,
  singleLineSchema,
  textSchema,
  Tier,
  Version,
  webAddressSchema,
} from './primitives.js';

const title = nameSchema(200);
const lat = z.number().min(-90).max(90);
const lon = z.number().min(-180).max(180);

/** An IANA time zone that this runtime knows. */
const TimeZone = textSchema(64).refine(isTimeZone, 'must be an IANA time zone, as Europe/Berlin');

function isTimeZone(timeZone: string): boolean {
  // `UTC` and areas only: the offsets and abbreviations that a runtime may also know have no summer time.
  if (timeZone !== 'UTC' && !timeZone.includes('/')) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `POST /v1/admin/cities`. */
export const CityBody = z
  .strictObject({
    name: title,
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO-3166 alpha-2 code')
      .meta({ example: 'DE' }),
    timeZone: TimeZone,
    lat,
    lon,
  })
  .meta({ id: 'CityBody' });
export type CityBody = z.infer<typeof CityBody>;

/** `PATCH /v1/admin/cities/:cityId`: what is not given stays. */
export const CityPatch = CityBody.partial().meta({ id: 'CityPatch' });
export type CityPatch = z.infer<typeof CityPatch>;

/** `POST /v1/admin/cinemas`. */
export const CinemaBody = z
  .strictObject({ cityId: Id, name: title, address: singleLineSchema(300), postalCode: singleLineSchema(20), lat, lon })
  .meta({ id: 'CinemaBody' });
export type CinemaBody = z.infer<typeof CinemaBody>;

/** `PATCH /v1/admin/cinemas/:cinemaId`. */
export const CinemaPatch = CinemaBody.partial().meta({ id: 'CinemaPatch' });
export type CinemaPatch = z.infer<typeof CinemaPatch>;

/** `POST /v1/admin/halls`: `layout` is the JSON form or `{ text }` in the compact one. */
export const HallBody = z.strictObject({ cinemaId: Id, name: title, layout: LayoutInput }).meta({ id: 'HallBody' });
export type HallBody = z.infer<typeof HallBody>;

/** `PATCH /v1/admin/halls/:hallId`: a new layout is for shows that are made from then on. */
export const HallPatch = HallBody.partial().meta({ id: 'HallPatch' });
export type HallPatch = z.infer<typeof HallPatch>;

/** A hall as those who administrate it see it; `layoutId` is what a show that is made now would be sold with. */
export const Hall = z
  .object({ hallId: Id, cinemaId: Id, name: z.string(), layoutId: Id, seatCount: z.int().positive() })
  .meta({ id: 'Hall' });
export type Hall = z.infer<typeof Hall>;

const movieFields = {
  title,
  originalTitle: title.nullable(),
  people: boundedArraySchema(z.strictObject({ name: title, role: title }), { max: 500 }),
  genres: boundedArraySchema(title, { max: 50 }),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, 'must be an ISO-639 code')
    .nullable(),
  durationMinutes: z.int().min(1).max(1440),
  releaseDate: CalendarDay.nullable(),
  synopsis: proseSchema(10_000).nullable(),
  posterUrl: webAddressSchema(/^https?$/, 'must be an http(s) URL')
    .max(2000)
    .nullable(),
};

/** `POST /v1/admin/movies`. */
export const MovieBody = z
  .strictObject({
    ...movieFields,
    originalTitle: movieFields.originalTitle.default(null),
    people: movieFields.people.default([]),
    genres: movieFields.genres.default([]),
    language: movieFields.language.default(null),
    releaseDate: movieFields.releaseDate.default(null),
    synopsis: movieFields.synopsis.default(null),
    posterUrl: movieFields.posterUrl.default(null),
  })
  .meta({ id: 'MovieBody' });
export type MovieBody = z.infer<typeof MovieBody>;

/** `PATCH /v1/admin/movies/:movieId`. */
export const MoviePatch = z.strictObject(movieFields).partial().meta({ id: 'MoviePatch' });
export type MoviePatch = z.infer<typeof MoviePatch>;

/** A show's rules as they are set: what is left out is off. */
export const ShowRulesBody = z
  .strictObject({
    singleSeatGap: z.enum(['off', 'soft']),
    maxSeatsPerSession: z.int().min(1).max(1000).nullable().default(null),
    strictLine: z.boolean().default(false),
    refunds: z
      .strictObject({
        deadlineMinutes: RefundRule.shape.deadlineMinutes.max(1_000_000),
        feeAmount: RefundRule.shape.feeAmount.max(amountMaxMinorUnits),
      })
      .nullable()
      .optional()
      .meta({ description: ShowRules.shape.refunds.description }),
  })
  .meta({ id: 'ShowRulesBody' });

/** How entry to a busy show is metered, as it is set; with `off` the rest does not matter. */
export const WaitingRoomBody = z
  .strictObject({
    mode: z.enum(['off', 'on', 'auto']),
    maxShoppers: z.int().min(1).max(1_000_000).optional(),
    admitPerMinute: z.int().min(1).max(1_000_000).nullable().default(null),
    shopSeconds: z.int().min(10).max(86_400).nullable().default(null),
  })
  .refine(({ mode, maxShoppers }) => mode === 'off' || maxShoppers !== undefined, {
    path: ['maxShoppers'],
    error: 'must say how many may be inside at once',
  })
  .meta({ id: 'WaitingRoomBody' });

const showFields = {
  movieId: Id,
  hallId: Id,
  startsAt: ShowInstantInput,
  currency: Money.shape.currency.refine(isSaleCurrency, 'must be a currency that is legal tender (ISO 4217)'),
  prices: z
    .record(Tier, z.int().min(0).max(amountMaxMinorUnits))
    .meta({ description: 'Price by tier, in minor units' }),
  saleOpensAt: ShowInstantInput.nullable(),
  saleClosesAt: ShowInstantInput,
  rules: ShowRulesBody,
  waitingRoom: WaitingRoomBody.nullable(),
};

/**
 * `POST /v1/admin/shows`. Every tier of the hall's layout has a price. `saleOpensAt` null: from the beginning;
 * `saleClosesAt`: when it starts, unless given.
 */
export const ShowBody = z
  .strictObject({
    ...showFields,
    saleOpensAt: showFields.saleOpensAt.default(null),
    saleClosesAt: showFields.saleClosesAt.optional(),
    rules: showFields.rules.prefault({ singleSeatGap: 'off' }),
    waitingRoom: showFields.waitingRoom.default(null),
  })
  .meta({ id: 'ShowBody' });
export type ShowBody = z.infer<typeof ShowBody>;

/** Why a show is changed. Buyers and partners read it where they are told of the change. */
const ChangeReason = proseSchema(1000)
  .trim()
  .min(1)
  .meta({ description: 'Why; shown to buyers who are told of the change, and kept in the log' });

/**
 * `PATCH /v1/admin/shows/:showId`. What is not given stays; `prices`, `rules` and `waitingRoom` are replaced whole. A sale
 * that closed when the show started goes on to do so when `startsAt` moves.
 */
export const ShowPatch = z
  .strictObject({ ...showFields, reason: ChangeReason })
  .partial()
  .meta({ id: 'ShowPatch' });
export type ShowPatch = z.infer<typeof ShowPatch>;

/** What is wrong with a field of a sale. */
export interface SaleProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Why a show could not be sold like this.
 *
 * @param tiers of its layout
 * @param sale prices by tier; times in ms since 1970
 */
export function findSaleProblems(
  tiers: readonly string[],
  sale: {
    readonly prices: Readonly<Record<string, number>>;
    readonly saleOpensAt: number | null;
    readonly saleClosesAt: number;
  },
): SaleProblem[] {
  const { prices, saleOpensAt, saleClosesAt } = sale;
  const unpriced = tiers.filter((tier) => !Object.hasOwn(prices, tier));
  const unknown = Object.keys(prices).filter((tier) => !tiers.includes(tier));
  return [
    ...unpriced.map((tier) => ({
      path: `prices.${tier}`,
      message: 'the hall has seats of this tier: it needs a price',
    })),
    ...unknown.map((tier) => ({
      path: `prices.${tier}`,
      message: `the hall has no seats of this tier; it has ${tiers.join(', ')}`,
    })),
    ...(saleOpensAt !== null && saleOpensAt >= saleClosesAt
      ? [{ path: 'saleOpensAt', message: 'must be before saleClosesAt' }]
      : []),
  ];
}

/**
 * Prices and fees that the payment provider cannot take. Both are multiples of its step, so that every refund is one too.
 *
 * @param amountStep the step of the provider by currency, in minor units
 */
export function findAmountProblems(
  sale: {
    readonly currency: string;
    readonly prices: Readonly<Record<string, number>>;
    readonly rules: Pick<ShowRules, 'refunds'>;
  },
  amountStep: (currency: string) => number,
): SaleProblem[] {
  const { currency, prices, rules } = sale;
  const step = amountStep(currency);
  const amounts: [path: string, amount: number][] = [
    ...Object.entries(prices).map(([tier, amount]): [string, number] => [`prices.${tier}`, amount]),
    ...(rules.refunds ? [['rules.refunds.feeAmount', rules.refunds.feeAmount] as [string, number]] : []),
  ];
  const unit = formatDecimal({ amount: step, currency });
  const message = `must be a multiple of ${step} (${currency} ${unit}): the payment provider takes no other amounts of this currency`;
  return amounts.filter(([, amount]) => amount % step !== 0).map(([path]) => ({ path, message }));
}

/** `POST` and `DELETE /v1/admin/shows/:showId/blocks`. */
export const BlocksBody = z
  .strictObject({
    seats: boundedArraySchema(z.int(), { max: layoutSeatsMax }),
    reason: proseSchema(1000).trim().min(1).optional().meta({ description: 'Why; kept in the log' }),
  })
  .meta({ id: 'BlocksBody' });
export type BlocksBody = z.infer<typeof BlocksBody>;

/** The show's version since its seats are as they were wanted. */
export const BlocksAnswer = z.object({ version: Version }).meta({ id: 'BlocksAnswer' });
export type BlocksAnswer = z.infer<typeof BlocksAnswer>;

/** `GET /v1/admin/shows/:showId/log`: entries after `after`, the `nextCursor` of the page before. */
export const ShowLogQuery = z.object({
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the seq of an entry')
    .transform(Number)
    .default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** Who changed a show: an API key by its id and name (the key of the settings has no id), or the import. */
export const ShowLogActor = z.object({ keyId: z.string().nullable(), name: z.string() }).meta({ id: 'ShowLogActor' });
export type ShowLogActor = z.infer<typeof ShowLogActor>;

/** One thing that happened to a show. Fields that say nothing of this `type` are null. */
export const ShowLogChange = z
  .object({
    type: z.string().meta({ example: 'reserved' }),
    seats: z.array(z.int()).nullable(),
    bookingId: z.string().nullable(),
    sessionId: z.string().nullable(),
    status: z.string().nullable(),
    line: z.string().nullable(),
    ticket: z.int().nullable(),
    reason: z.string().nullable(),
    terms: z.record(z.string(), z.unknown()).nullable(),
    before: z
      .record(z.string(), z.unknown())
      .nullable()
      .optional()
      .meta({ description: 'Of `termsChanged`: the fields that changed, with their values before' }),
    actor: ShowLogActor.nullable()
      .optional()
      .meta({ description: 'Of what administration did: who did it; null: not known, or nobody of the staff' }),
  })
  .meta({ id: 'ShowLogChange' });
export type ShowLogChange = z.infer<typeof ShowLogChange>;

/** One commit of a show: `seq` counts all of them, `version` those that changed a seat. */
export const ShowLogEntry = z
  .object({ seq: z.int().positive(), version: Version, at: Instant, changes: z.array(ShowLogChange) })
  .meta({ id: 'ShowLogEntry' });
export type ShowLogEntry = z.infer<typeof ShowLogEntry>;
