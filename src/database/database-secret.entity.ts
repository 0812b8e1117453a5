import { defineEntity, p } from '@mikro-orm/postgresql';

const DatabaseSecretSchema = defineEntity({
  name: 'KeptSecret',
  tableName: 'kept_secret',
  comment: 'Keys that the service makes at its first start; all nodes use the same',
  properties: {
    name: p.text().primary(),
    value: p.text(),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
});

/** The table `kept_secret`. Only `DatabaseSecrets` reads and writes it. */
export class DatabaseSecretRow extends DatabaseSecretSchema.class {}
DatabaseSecretSchema.setClass(DatabaseSecretRow);
