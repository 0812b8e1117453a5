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
    roles: p.array().columnType('varchar(16)[]'),
    showId: p.integer().fieldName('show_id').nullable().comment('the only show that the gate serves'),
    cinemaId: p.integer().fieldName('cinema_id').nullable().comment('the only cinema that the gate serves'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
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
