import { Injectable } from '@nestjs/common';
import type { Booking, Queue, QueueExpiredReason, QueueOutcome } from '@usher/contract';
import { toIsoOrNull } from '../database/sql-time.js';
import { BookingRepository, type LastWait, LineRepository, ShowsService } from '../shows/index.js';

const nothing = { line: null, ticket: null, at: null, reason: null, booking: null, until: null } as const;

/** Reads the results of waits from the tables, so every node gives the same answer, even after a restart. */
@Injectable()
export class WaitResults {
  constructor(
    private readonly shows: ShowsService,
    private readonly lines: LineRepository,
    private readonly bookings: BookingRepository,
  ) {}

  /** Returns the result of a session's last wait in a show. @param queue the session's present place, or null */
  async of(showId: number, sessionId: string, queue: Queue | null): Promise<QueueOutcome> {
    if (queue) return { ...nothing, type: 'waiting', line: queue.line, ticket: queue.ticket };
    return this.ofEndedWait(showId, await this.lines.lastWait(showId, sessionId));
  }

  private async ofEndedWait(showId: number, last: LastWait): Promise<QueueOutcome> {
    const { line, ticket, outcome, endedAt, until } = last;
    // A session that has never waited may still have a stay, if the show admitted it at once.
    if (line === null) return { ...nothing, type: until === null ? 'never' : 'admitted', until: toIsoOrNull(until) };
    const wait = { ...nothing, line, ticket, at: toIsoOrNull(endedAt) };
    switch (outcome) {
      case 'offered':
        return { ...wait, type: 'offered', booking: await this.findBooking(showId, last.bookingId) };
      case 'admitted':
        return { ...wait, type: 'admitted', until: toIsoOrNull(until) };
      case 'left':
      case null:
        return { ...wait, type: 'left' };
      default:
        return { ...wait, ...toExpired(outcome, last.calledOff) };
    }
  }

  private async findBooking(showId: number, bookingId: string | null): Promise<Booking | null> {
    const stored = bookingId === null ? null : await this.bookings.find(bookingId);
    return stored && this.shows.toBooking(showId, stored.booking);
  }
}

const toExpired = (reason: QueueExpiredReason, isCalledOff: boolean): Pick<QueueOutcome, 'type' | 'reason'> =>
  reason === 'saleClosed' && isCalledOff ? { type: 'calledOff', reason: null } : { type: 'expired', reason };
