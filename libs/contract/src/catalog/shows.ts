import { z } from 'zod';
import { Tier } from '../layouts/layout.js';
import { SeatCounts } from '../seats/seat-map.js';
import { Id } from '../values/ids.js';
import { Money } from '../values/money.js';
import { Instant } from '../values/times.js';
import { TermsVersion } from '../values/versions.js';
import { Movie } from './movies.js';
import { Cinema } from './places.js';

/** Whether buyers can buy seats of a show. `few` means that less than a tenth of the seats are free. */
export const SaleStatus = z.enum(['upcoming', 'open', 'few', 'full', 'closed']);
export type SaleStatus = z.infer<typeof SaleStatus>;

/**
 * The rule for refunds to buyers. A refund is possible until `deadlineMinutes` before the show starts. For each seat,
 * the organiser keeps `feeAmount` (in the currency's minor unit) and refunds the rest of the price.
 */
export const RefundRule = z
  .object({ deadlineMinutes: z.int().nonnegative(), feeAmount: z.int().nonnegative() })
  .meta({ id: 'RefundRule' });
export type RefundRule = z.infer<typeof RefundRule>;

/**
 * The rules of a show. With `singleSeatGap: 'soft'`, the service refuses a choice of seats that would leave an isolated
 * free seat between taken seats. It refuses only if another choice would leave none.
 */
export const ShowRules = z
  .object({
    singleSeatGap: z.enum(['off', 'soft']),
    maxSeatsPerSession: z.int().positive().nullable(),
    strictLine: z.boolean(),
    refunds: RefundRule.nullish().meta({
      description:
        'If absent, buyers get the whole price back until the show starts. If null, buyers cannot get refunds themselves',
    }),
  })
  .meta({ id: 'ShowRules' });
export type ShowRules = z.infer<typeof ShowRules>;

/** A tier of seats and its price in one show. */
export const PriceTier = z.object({ tier: Tier, price: Money }).meta({ id: 'PriceTier' });
export type PriceTier = z.infer<typeof PriceTier>;

/** A show with everything that a page displays about it, except the map of its seats. */
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
      .meta({ description: "Why the show was called off, in the organiser's words; null if it was not called off" }),
    rules: ShowRules,
    seatCount: z.int(),
    counts: SeatCounts,
    waitingRoom: z.boolean(),
    codeRequired: z.boolean().optional().meta({
      description: 'Whether a session needs an access code to enter the lobby or a line, or to hold seats',
    }),
    termsVersion: TermsVersion.optional(),
  })
  .meta({ id: 'Show' });
export type Show = z.infer<typeof Show>;
