import { defineEntity, p } from '@mikro-orm/postgresql';

const DatabaseIdentitySchema = defineEntity({
  name: 'DatabaseIdentity',
  tableName: 'database_identity',
  comment:
    'One row with the identity of this database; a copy must get its own with `npm run migrate -- --new-identity`',
  properties: {
    isOnly: p
      .boolean()
      .primary()
      .fieldName('is_only')
      .default(true)
      .comment('always true, so that the table has one row'),
    identity: p.uuid().defaultRaw('gen_random_uuid()'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
  checks: [{ name: 'database_identity_is_only', expression: 'is_only' }],
});

/** The table `database_identity`. Only `database-identity.ts` reads and writes it. */
export class DatabaseIdentity extends DatabaseIdentitySchema.class {}
DatabaseIdentitySchema.setClass(DatabaseIdentity);
