import { defineEntity, p } from '@mikro-orm/postgresql';

const KeptSecretSchema = defineEntity({
  name: 'KeptSecret',
  tableName: 'kept_secret',
  comment: 'Keys that the service makes at its first start; all nodes use the same',
  properties: {
    name: p.text().primary(),
    value: p.text(),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
});

/** Read and written by `KeptSecrets` only. */
export class KeptSecret extends KeptSecretSchema.class {}
KeptSecretSchema.setClass(KeptSecret);
