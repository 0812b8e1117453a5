import { defineEntity, p } from '@mikro-orm/postgresql';

const OperatorSessionRowSchema = defineEntity({
  name: 'OperatorSessionRow',
  tableName: 'operator_session',
  comment: 'Sign-ins of operators; only the hash of the token in the cookie is stored; deleted when the sign-in ends',
  properties: {
    operatorSessionId: p.uuid().primary().fieldName('operator_session_id'),
    hash: p.string().columnType('char(64)').unique().comment('SHA-256 of the token in the cookie, hex'),
    personId: p
      .string()
      .length(512)
      .fieldName('person_id')
      .comment('issuer and subject of the identity provider, joined by #'),
    name: p.string().length(200),
    email: p.string().length(320).nullable(),
    roles: p.array().columnType('varchar(16)[]'),
    cinemaIds: p
      .array()
      .columnType('int[]')
      .fieldName('cinema_ids')
      .nullable()
      .comment('the only cinemas in which the roles are valid; null for the whole service'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    expiresAt: p.datetime(3).fieldName('expires_at'),
    lastUsedAt: p
      .datetime(3)
      .fieldName('last_used_at')
      .defaultRaw('now()')
      .comment('written at most once a minute by each node'),
  },
});

/** The row of an operator's sign-in. */
export class OperatorSessionRow extends OperatorSessionRowSchema.class {}
OperatorSessionRowSchema.setClass(OperatorSessionRow);
