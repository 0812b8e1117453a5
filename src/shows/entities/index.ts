import { Booking } from './booking.entity.js';
import { ShowLedger } from './show-ledger.entity.js';
import { ShowLog } from './show-log.entity.js';
import { ShowSeat } from './show-seat.entity.js';

/** The tables that grow with sales. Each has `show_id` first in its primary key, so that it can be distributed by it. */
export const salesEntities = [ShowLedger, ShowLog, ShowSeat, Booking];
