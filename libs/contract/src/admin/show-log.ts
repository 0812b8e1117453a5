import { z } from 'zod';
import { Instant } from '../values/times.js';
import { Version } from '../values/versions.js';

/** Query of `GET /v1/admin/shows/:showId/log`. `after` is the `nextCursor` of the previous page. */
export const ShowLogQuery = z.object({
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the seq of an entry')
    .transform(Number)
    .default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/**
 * The API key or the import that changed a show. `keyId` is null for the import. It is also null for the API key from
 * the settings, because that key has no id.
 */
export const ShowLogActor = z.object({ keyId: z.string().nullable(), name: z.string() }).meta({ id: 'ShowLogActor' });
export type ShowLogActor = z.infer<typeof ShowLogActor>;

/** One change to a show. A field that does not apply to the `type` of the change is null. */
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
      .meta({ description: 'For `termsChanged`: the fields that changed, with their old values' }),
    actor: ShowLogActor.nullable()
      .optional()
      .meta({ description: 'For a change by an administrator or by the import: who made it, or null if unknown' }),
  })
  .meta({ id: 'ShowLogChange' });
export type ShowLogChange = z.infer<typeof ShowLogChange>;

/**
 * One commit of a show. `seq` is the number of commits of the show so far. `version` counts only the commits that
 * changed a seat.
 */
export const ShowLogEntry = z
  .object({ seq: z.int().positive(), version: Version, at: Instant, changes: z.array(ShowLogChange) })
  .meta({ id: 'ShowLogEntry' });
export type ShowLogEntry = z.infer<typeof ShowLogEntry>;
