import { defineEntity, p } from '@mikro-orm/postgresql';
import { Role } from '@usher/contract';

const ApiKeyRowSchema = defineEntity({
  name: 'ApiKeyRow',
  tableName: 'api_key',
  comment: 'API keys of staff, gates, kiosks and partners; only the hash of a key is stored',
  properties: {
    keyId: p.uuid().primary().fieldName('key_id'),
    name: p.string().length(64),
    hash: p.string().columnType('char(64)').unique().comment('SHA-256 of the key, hex'),
    previousHash: p
      .string()
      .columnType('char(64)')
      .fieldName('previous_hash')
      .nullable()
      .unique()
      .comment('SHA-256 of the key before its last rotation, hex'),
    previousExpiresAt: p
      .datetime(3)
      .fieldName('previous_expires_at')
      .nullable()
      .comment('until when the key before its last rotation is still valid'),
    roles: p.array().columnType('varchar(16)[]'),
    showId: p.integer().fieldName('show_id').nullable().comment('the only show for which the key is valid'),
    cinemaId: p
      .integer()
      .fieldName('cinema_id')
      .nullable()
      .comment('the only cinema for which the key is valid; null if there are several'),
    cinemaIds: p
      .array()
      .columnType('int[]')
      .fieldName('cinema_ids')
      .nullable()
      .comment('the only cinemas for which the key is valid; null if there is only cinema_id'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    expiresAt: p.datetime(3).fieldName('expires_at').nullable(),
    lastUsedAt: p
      .datetime(3)
      .fieldName('last_used_at')
      .nullable()
      .comment('written at most once a minute by each node'),
    revokedAt: p.datetime(3).fieldName('revoked_at').nullable(),
  },
  checks: [
    {
      name: 'api_key_roles',
      expression: `roles <@ array[${Role.options.map((role) => `'${role}'`).join(', ')}]::varchar[]`,
    },
  ],
});

/** The row of an API key. */
export class ApiKeyRow extends ApiKeyRowSchema.class {}
ApiKeyRowSchema.setClass(ApiKeyRow);
