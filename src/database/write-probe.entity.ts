import { defineEntity, p } from '@mikro-orm/postgresql';

const WriteProbeSchema = defineEntity({
  name: 'WriteProbeRow',
  tableName: 'write_probe',
  comment: 'Always empty; each readiness check inserts a row and deletes it to test that the database accepts writes',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    filler: p.text(),
  },
});

/** The table `write_probe`. Only `WriteProbe` writes to it. */
export class WriteProbeRow extends WriteProbeSchema.class {}
WriteProbeSchema.setClass(WriteProbeRow);
