import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowSeatSchema = defineEntity({
  name: 'ShowSeat',
  tableName: 'show_seat',
  comment: 'Taken seats; a seat without a row is free',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    seat: p.integer().primary(),
    status: p.smallint().comment('1 held, 2 sold, 3 blocked'),
    bookingId: p.uuid().fieldName('booking_id').nullable(),
  },
});

export class ShowSeat extends ShowSeatSchema.class {}
ShowSeatSchema.setClass(ShowSeat);
