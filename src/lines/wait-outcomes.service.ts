import { Injectable } from '@nestjs/common';
import { type Booking, type Queue, type QueueExpiredReason, type QueueOutcome } from '@usher/contract';
import { toIsoOrNull } from '../database/sql-time.js';
import { BookingRepository, type LastWait, LineRepository, ShowsService } from '../shows/index.js';
const nothing = { line: null, ticket: null, at: null, reason: null, booking: null, until: null } as const;

/** Says what became of waits, from the tables: any node gives the same answer, also after a restart. */
@Injectable()
export class WaitOutcomes {
  constructor(
    private readonly shows: ShowsService,
    private readonly lines: LineRepository,
    private readonly bookings: BookingRepository,
  ) {}

  /** What became of a session's last wait for a show. @param queue its place now, or null */
  async of(showId: number, sessionId: string, queue: Queue | null): Promise<QueueOutcome> {
    if (queue) return { ...nothing, type: 'waiting', line: queue.line, ticket: queue.ticket };
    return this.ended(showId, await this.lines.lastWait(showId, sessionId));
  }

  private async ended(showId: number, last: LastWait): Promise<QueueOutcome> {
    const { line, ticket, outcome, endedAt, until } = last;
    // Let in without a line, if it is inside.
    if (line === null) return { ...nothing, type: until === null ? 'never' : 'admitted', until: toIsoOrNull(until) };
    const wait = { ...nothing, line, ticket, at: toIsoOrNull(endedAt) };
    switch (outcome) {
      case 'offered':
        return { ...wait, type: 'offered', booking: await this.booking(showId, last.bookingId) };
      case 'admitted':
        return { ...wait, type: 'admitted', until: toIsoOrNull(until) };
      case 'left':
      case null:
        return { ...wait, type: 'left' };
      default:
        return { ...wait, ...expired(outcome, last.calledOff) };
    }
  }

  private async booking(showId: number, bookingId: string | null): Promise<Booking | null> {
    const stored = bookingId === null ? null : await this.bookings.find(bookingId);
    return stored && this.shows.toBooking(showId, stored.booking);
  }
}

const expired = (reason: QueueExpiredReason, isCalledOff: boolean): Pick<QueueOutcome, 'type' | 'reason'> =>
  reason === 'saleClosed' && isCalledOff ? { type: 'calledOff', reason: null } : { type: 'expired', reason };
