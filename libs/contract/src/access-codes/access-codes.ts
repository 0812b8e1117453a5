import { z } from 'zod';
import { Id, IdParam, Uuid } from '../values/ids.js';
import { nameSchema } from '../values/texts.js';
import { Instant, InstantInput } from '../values/times.js';
import { AccessCodeText, ChosenAccessCode } from './access-code-text.js';

/** Maximum number of codes in one batch. */
export const accessCodesPerBatchMax = 50_000;

const UsesPerCode = z.int().min(1).max(10_000_000);
const SeatsPerUse = z.int().min(1).max(1000);

/**
 * Body of `POST /v1/admin/shows/:showId/access-codes`: either `count` codes that the service creates, or one chosen
 * `code`.
 */
export const AccessCodeBatchBody = z
  .strictObject({
    name: nameSchema(100).meta({ description: 'What the batch is for', example: 'Invitations of the press' }),
    count: z.int().min(1).max(accessCodesPerBatchMax).optional().meta({ description: 'Number of codes to create' }),
    code: ChosenAccessCode.optional(),
    usesPerCode: UsesPerCode.optional().meta({
      description: 'Number of sessions that can use one code. Defaults to 1; a chosen code must say it',
    }),
    seatsPerUse: SeatsPerUse.meta({ description: 'Number of seats that each session gets by using a code' }),
    validFrom: InstantInput.nullable().default(null).meta({ description: 'Codes cannot be used before this time' }),
    validUntil: InstantInput.nullable()
      .default(null)
      .meta({ description: 'From this time on, codes cannot be used, and earlier uses allow no more seats' }),
  })
  .refine(({ count, code }) => (count === undefined) !== (code === undefined), {
    path: ['count'],
    error: 'either count or code must be given, but not both',
  })
  .refine(({ code, usesPerCode }) => code === undefined || usesPerCode !== undefined, {
    path: ['usesPerCode'],
    error: 'must be given with code: the number of sessions that can use it',
  })
  .refine(({ validFrom, validUntil }) => validFrom === null || validUntil === null || validFrom < validUntil, {
    path: ['validUntil'],
    error: 'must be later than validFrom',
  })
  .meta({ id: 'AccessCodeBatchBody' });
export type AccessCodeBatchBody = z.output<typeof AccessCodeBatchBody>;

/** A batch of access codes for a show. The service stores only digests of the codes. */
export const AccessCodeBatch = z
  .object({
    batchId: Uuid,
    showId: Id,
    name: z.string(),
    codeCount: z.int().meta({ description: 'Number of codes in the batch' }),
    usesPerCode: UsesPerCode,
    seatsPerUse: SeatsPerUse,
    useCount: z.int().meta({ description: 'How often the codes of the batch have been used so far' }),
    seatsAllowed: z.int().meta({ description: 'Number of seats that these uses allowed' }),
    validFrom: Instant.nullable(),
    validUntil: Instant.nullable(),
    createdAt: Instant,
    revokedAt: Instant.nullable().meta({
      description: 'When the batch was revoked; null as long as it is not revoked',
    }),
  })
  .meta({ id: 'AccessCodeBatch' });
export type AccessCodeBatch = z.infer<typeof AccessCodeBatch>;

/** A new batch with its codes. The service returns the codes only in this answer. */
export const AccessCodeBatchMade = AccessCodeBatch.extend({ codes: z.array(z.string()) }).meta({
  id: 'AccessCodeBatchMade',
});
export type AccessCodeBatchMade = z.infer<typeof AccessCodeBatchMade>;

/** Path parameters of an endpoint for one batch. */
export const AccessCodeBatchParams = z.object({ showId: IdParam, batchId: Uuid });

/** Body of `POST /v1/shows/:showId/access-code`. */
export const AccessCodeBody = z.strictObject({ code: AccessCodeText }).meta({ id: 'AccessCodeBody' });
export type AccessCodeBody = z.infer<typeof AccessCodeBody>;

/** What the access codes of a session allow in a show. */
export const AccessCodeAllowance = z
  .object({
    seats: z.int().meta({
      description:
        'Number of seats of the show that the session may hold and own together; 0 without a valid access code',
    }),
    until: Instant.nullable().meta({
      description: 'When the first of the used codes ends; null if none of them ends',
    }),
  })
  .meta({ id: 'AccessCodeAllowance' });
export type AccessCodeAllowance = z.infer<typeof AccessCodeAllowance>;

/** Payload of `access-code:redeem`. */
export const AccessCodeRedeem = AccessCodeBody.extend({ showId: Id });
