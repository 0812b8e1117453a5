import { z } from 'zod';
import { Id, IdParam } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { singleLineSchema } from '../values/texts.js';
import { Instant, InstantInput } from '../values/times.js';

/** An administrative act that the audit trail records. */
export const AuditAction = z.enum([
  'city.create',
  'city.update',
  'cinema.create',
  'cinema.update',
  'hall.create',
  'hall.update',
  'movie.create',
  'movie.update',
  'show.create',
  'show.update',
  'show.call-off',
  'seats.block',
  'seats.unblock',
  'access-codes.create',
  'access-codes.revoke',
  'catalog.import',
  'risk.release',
  'booking.release',
  'booking.contact',
  'booking.revoke-links',
  'payment.refund',
  'ticket.check-in',
  'ticket.conflict',
  'api-key.create',
  'api-key.rotate',
  'api-key.revoke',
  'ticket-key.rotate',
  'ticket-key.revoke',
  'webhook.create',
  'webhook.delete',
  'webhook.replay',
]);
export type AuditAction = z.infer<typeof AuditAction>;

/**
 * The kind of an actor.
 *
 * - `key`: the holder of an API key. `id` is the id of the key.
 * - `person`: a person who signed in. `id` is the issuer and the subject of the identity provider, joined by `#`.
 * - `setting`: the holder of the API key in the settings, which has no id.
 * - `buyer`: a buyer. The trail names no buyer, so `id` is null.
 * - `system`: a part of the service, such as the import or the payment provider. `name` says which part.
 */
export const AuditActorKind = z.enum(['key', 'person', 'setting', 'buyer', 'system']);

/** The actor of an audit entry: who did it. */
export const AuditActor = z
  .object({ kind: AuditActorKind, id: z.string().nullable(), name: z.string() })
  .meta({ id: 'AuditActor' });
export type AuditActor = z.infer<typeof AuditActor>;

/** The kind of object that an act changed. */
export const AuditSubjectKind = z.enum([
  'city',
  'cinema',
  'hall',
  'movie',
  'show',
  'catalog',
  'access-codes',
  'booking',
  'ticket',
  'api-key',
  'ticket-key',
  'webhook',
]);

/** The object that an act changed. */
export const AuditSubject = z.object({ kind: AuditSubjectKind, id: z.string() }).meta({ id: 'AuditSubject' });
export type AuditSubject = z.infer<typeof AuditSubject>;

const AuditState = z.record(z.string(), z.unknown()).nullable();

/**
 * One entry of the audit trail. The entries of one show form a hash chain, and all entries without a show form another
 * one. `docs/operations/audit-trail.md` describes how the hashes are computed.
 */
export const AuditEntry = z
  .object({
    showId: Id.nullable().meta({
      description: 'The show that the act changed. Null if the act changed no show; such entries share one chain',
    }),
    seq: z.int().positive().meta({ description: 'The number of the entry in its chain, from 1 without gaps' }),
    at: Instant.meta({ description: 'When the act was recorded, by the clock of the database' }),
    actor: AuditActor,
    action: AuditAction,
    subject: AuditSubject,
    cinemaId: Id.nullable().meta({
      description: 'The cinema that the act concerns; null if it concerns no single one',
    }),
    address: z.string().nullable().meta({
      description:
        'The network address of the caller: an IPv4 address or an IPv6 network. Null if unknown or already erased',
    }),
    addressSalt: z.string().nullable().meta({ description: 'The salt of `addressDigest`. Erased with the address' }),
    addressDigest: z.string().nullable().meta({
      description: 'SHA-256 of the salt and the address, hex. The hash covers it, so addresses can be erased',
    }),
    before: AuditState.meta({ description: 'The changed fields before the act; null if the object did not exist' }),
    after: AuditState.meta({
      description: 'The changed fields after the act; null if the object does not exist any more',
    }),
    hash: z.string().meta({ description: 'SHA-256 over the previous hash of the chain and this entry, hex' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** The filters of the audit trail. All given filters must match. */
export const AuditFilter = z.object({
  from: InstantInput.optional().meta({ description: 'Only entries at this time or later' }),
  to: InstantInput.optional().meta({ description: 'Only entries before this time' }),
  actor: singleLineSchema(512)
    .min(1)
    .optional()
    .meta({ description: 'Id of an API key or a person, or the name of an actor' }),
  action: AuditAction.optional(),
  showId: IdParam.optional(),
  cinemaId: IdParam.optional(),
  subject: singleLineSchema(200)
    .min(1)
    .optional()
    .meta({ description: 'Id of the changed object, such as a booking, a ticket or an API key' }),
});
export type AuditFilter = z.output<typeof AuditFilter>;

/** Query of `GET /v1/admin/audit`. */
export const AuditQuery = AuditFilter.extend(PageQuery.shape);
export type AuditQuery = z.output<typeof AuditQuery>;

/** Query of `GET /v1/admin/audit/export`. */
export const AuditExportQuery = AuditFilter.extend({
  format: z.enum(['jsonl', 'csv']).default('jsonl').meta({
    description: '`jsonl`: one entry per line as JSON. `csv`: a table with one line of headings',
  }),
});
export type AuditExportQuery = z.output<typeof AuditExportQuery>;
