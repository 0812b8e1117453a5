import { defineEntity, p } from '@mikro-orm/postgresql';

const ShopperSchema = defineEntity({
  name: 'Shopper',
  tableName: 'shopper',
  comment: 'Stays in shows whose entry is metered',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    seq: p.bigint('number').primary().comment('the commit that let it in'),
    n: p.integer().primary().comment('which of those that it let in'),
    sessionId: p.uuid().fieldName('session_id'),
    admittedAt: p.datetime(3).fieldName('admitted_at'),
    until: p.datetime(3).comment('when the stay ends at the latest'),
    ticket: p.integer().nullable().comment('null: let in without standing in line'),
    isInside: p.boolean().fieldName('is_inside').default(true),
  },
  indexes: [
    {
      name: 'shopper_one_stay_a_session',
      expression: 'create unique index shopper_one_stay_a_session on shopper (show_id, session_id) where is_inside',
    },
    { name: 'shopper_by_admission', properties: ['showId', 'admittedAt'] },
    {
      name: 'shopper_inside_by_admission',
      expression: 'create index shopper_inside_by_admission on shopper (admitted_at) where is_inside',
    },
  ],
});

/** A stay's row. Written by the show's lane only. */
export class Shopper extends ShopperSchema.class {}
ShopperSchema.setClass(Shopper);
