import { Booking } from './booking.entity.js';
import { BookingLinkRow } from './booking-link.entity.js';
import { LineEvent } from './line-event.entity.js';
import { LineKey } from './line-key.entity.js';
import { LogConsumerPosition } from './log-consumer-position.entity.js';
import { Presence } from './presence.entity.js';
import { Refund } from './refund.entity.js';
import { ShowLedger } from './show-ledger.entity.js';
import { ShowLine } from './show-line.entity.js';
import { ShowLog } from './show-log.entity.js';
import { ShowSeat } from './show-seat.entity.js';
import { Stay } from './stay.entity.js';
import { Waiter } from './waiter.entity.js';

/**
 * The tables that grow with sales. Each has `show_id` first in its primary key, so that Citus can distribute the table
 * by show.
 */
export const salesEntities = [
  ShowLedger,
  ShowLog,
  ShowSeat,
  Booking,
  BookingLinkRow,
  Refund,
  ShowLine,
  Waiter,
  LineEvent,
  LineKey,
  Stay,
  Presence,
  LogConsumerPosition,
];
