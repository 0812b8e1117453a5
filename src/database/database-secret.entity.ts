import { defineEntity, p } from '@mikro-orm/postgresql';
import type { SecretColumn } from './column-cipher.js';

const DatabaseSecretSchema = defineEntity({
  name: 'KeptSecret',
  tableName: 'kept_secret',
  comment: 'Keys that the service generates at its first start; all nodes share them',
  properties: {
    name: p.text().primary(),
    value: p.text().comment('encrypted'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
});

/** The table `kept_secret`. Only `DatabaseSecrets` reads and writes it. */
export class DatabaseSecretRow extends DatabaseSecretSchema.class {}
DatabaseSecretSchema.setClass(DatabaseSecretRow);

/** The secrets in `kept_secret`. */
export const databaseSecretColumn: SecretColumn = { table: 'kept_secret', key: 'name', column: 'value' };
