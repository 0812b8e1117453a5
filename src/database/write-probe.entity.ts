import { defineEntity, p } from '@mikro-orm/postgresql';

const WriteProbeSchema = defineEntity({
  name: 'WriteProbeRow',
  tableName: 'write_probe',
  comment: 'Empty: each readiness check inserts a row and deletes it, to see that the database takes writes',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    filler: p.text(),
  },
});

/** The table `write_probe`. Only `WriteProbe` writes to it. */
export class WriteProbeRow extends WriteProbeSchema.class {}
WriteProbeSchema.setClass(WriteProbeRow);
