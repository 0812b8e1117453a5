import { Injectable } from '@nestjs/common';
import type { Queue } from '@usher/contract';
import { DomainError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { type LineMoment, type OpenShow, type PlaceInLine, ShowsService, type Waiter } from '../shows/index.js';

/** Looks up the places of sessions in line. */
@Injectable()
export class LinePlaces {
  constructor(
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  /** Returns the session's place in one of the show's lines, or null. @throws DomainError `NOT_FOUND` */
  async find(showId: number, sessionId: string): Promise<Queue | null> {
    return this.findIn(await this.shows.lane(showId), sessionId);
  }

  /** Returns the session's place in one of the lines of an open show, or null. */
  findIn(lane: OpenShow, sessionId: string): Queue | null {
    const waiter = lane.waiterOf(sessionId);
    return waiter && toQueue(lane.showId, lane.placeOf(waiter, this.clock.now()));
  }

  /** Returns a waiter's place as it was at the moment when the waiter's command was answered. */
  atMoment(lane: OpenShow, waiter: Waiter, moment: LineMoment): Queue {
    return toQueue(lane.showId, lane.placeOf(waiter, this.clock.now(), moment));
  }

  /**
   * Creates the error for a session that may not see the show. The error contains the session's place in line, if it
   * has one.
   */
  notAdmitted(lane: OpenShow, sessionId: string | null): DomainError<'NOT_ADMITTED'> {
    const queue = sessionId === null ? null : this.findIn(lane, sessionId);
    const detail = queue
      ? 'This show is busy. You are in its line, and you are admitted when it is your turn.'
      : 'This show is busy. Join its line, and you are admitted when it is your turn.';
    return new DomainError('NOT_ADMITTED', detail, { queue });
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Converts a place to the form that clients receive. */
function toQueue(showId: number, { waiter, moment, etaSeconds, chance, endsAt }: PlaceInLine): Queue {
  const { line, lineTicket, place, partySize, joinedAt, receipt } = waiter;
  const { version, waiting, lastTicket, ahead } = moment;
  return {
    showId,
    line,
    ticket: lineTicket,
    place,
    ahead,
    partySize,
    etaSeconds,
    chance,
    joinedAt: iso(joinedAt),
    expiresAt: iso(endsAt),
    version,
    receipt,
    waiting,
    lastPlace: place === null ? 0 : lastTicket,
  };
}
