import { z } from 'zod';
import { ShowProtection } from '../catalog/show-protection.js';
import { RefundRule, ShowRules } from '../catalog/shows.js';
import { Tier } from '../layouts/layout.js';
import { isSaleCurrency } from '../values/currencies.js';
import { Id } from '../values/ids.js';
import { amountMaxMinorUnits, Money } from '../values/money.js';
import { proseSchema } from '../values/texts.js';
import { ShowInstantInput } from '../values/times.js';

/** The rules of a show in a request. If `maxSeatsPerSession` or `strictLine` is absent, that rule is off. */
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

/**
 * The settings of a show's waiting room in a request. At most `maxShoppers` sessions are in the show at once. At most
 * `admitPerMinute` sessions enter per minute, and each session may stay for `shopSeconds`. If `mode` is `off`, the
 * other fields have no effect.
 */
export const WaitingRoomBody = z
  .strictObject({
    mode: z.enum(['off', 'on', 'auto']),
    maxShoppers: z.int().min(1).max(1_000_000).optional(),
    admitPerMinute: z.int().min(1).max(1_000_000).nullable().default(null),
    shopSeconds: z.int().min(10).max(86_400).nullable().default(null),
  })
  .refine(({ mode, maxShoppers }) => mode === 'off' || maxShoppers !== undefined, {
    path: ['maxShoppers'],
    error: 'must be given unless mode is off: the maximum number of sessions in the show at once',
  })
  .meta({ id: 'WaitingRoomBody' });

const showFields = {
  movieId: Id,
  hallId: Id,
  startsAt: ShowInstantInput,
  currency: Money.shape.currency.refine(isSaleCurrency, 'must be a currency that is legal tender (ISO 4217)'),
  prices: z.record(Tier, z.int().min(0).max(amountMaxMinorUnits)).meta({
    description: 'Price by tier, in minor units',
  }),
  saleOpensAt: ShowInstantInput.nullable(),
  saleClosesAt: ShowInstantInput,
  rules: ShowRulesBody,
  waitingRoom: WaitingRoomBody.nullable(),
  protection: ShowProtection.nullable(),
};

/**
 * Body of `POST /v1/admin/shows`. `prices` must have every tier of the hall's layout. If `saleOpensAt` is null, the
 * sale opens at once. Without `saleClosesAt`, the sale closes when the show starts.
 */
export const ShowBody = z
  .strictObject({
    ...showFields,
    saleOpensAt: showFields.saleOpensAt.default(null),
    saleClosesAt: showFields.saleClosesAt.optional(),
    rules: showFields.rules.prefault({ singleSeatGap: 'off' }),
    waitingRoom: showFields.waitingRoom.default(null),
    protection: showFields.protection.default(null),
  })
  .meta({ id: 'ShowBody' });
export type ShowBody = z.infer<typeof ShowBody>;

/** The reason for a change to a show. Buyers and partners read it when they are notified of the change. */
const ChangeReason = proseSchema(1000)
  .trim()
  .min(1)
  .meta({ description: 'The reason. Buyers who are notified of the change see it, and the log keeps it' });

/**
 * Body of `PATCH /v1/admin/shows/:showId`. Fields that the body omits keep their values. `prices`, `rules`,
 * `waitingRoom` and `protection` are replaced as a whole. If the sale closes at the start of the show and `startsAt` changes, the sale
 * then closes at the new start.
 */
export const ShowPatch = z
  .strictObject({ ...showFields, reason: ChangeReason })
  .partial()
  .meta({ id: 'ShowPatch' });
export type ShowPatch = z.infer<typeof ShowPatch>;

/** Body of `POST /v1/admin/shows/:showId/call-off`. */
export const CallOffBody = z.strictObject({ reason: proseSchema(1000).trim().min(1) }).meta({ id: 'CallOffBody' });
export type CallOffBody = z.infer<typeof CallOffBody>;
