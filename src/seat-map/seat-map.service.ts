import { Injectable } from '@nestjs/common';
import type { ClientAnswer, SeatMapWithCounts } from '@usher/contract';
import type { Buyer } from '../access/index.js';
import { Admission, BuyerCommands } from '../admission/index.js';
import { toDomainError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { LinePlaces } from '../lines/index.js';
import { type Origin, ShowsService, toBooking } from '../shows/index.js';

/** Gives seat maps to the sessions that may see them. */
@Injectable()
export class SeatMapService {
  constructor(
    private readonly shows: ShowsService,
    private readonly places: LinePlaces,
    private readonly clock: DatabaseClock,
    private readonly admission: Admission,
    private readonly commands: BuyerCommands,
  ) {}

  /**
   * Admits a session to a show, or gives it a place in the line for entry.
   *
   * @returns true if the session is admitted, false if it waits
   * @throws DomainError `NOT_FOUND`, `BUSY`, `ADDRESS_LIMIT`, `CHALLENGE_REQUIRED`
   */
  async enter(showId: number, buyer: Buyer, origin: Origin): Promise<boolean> {
    const { sessionId } = buyer;
    const lane = await this.shows.lane(showId);
    if (this.shows.canSee(lane, sessionId)) return true;
    if (lane.waiterOf(sessionId)) return false;
    const admission = this.admission.admit({ action: 'enter', showId, buyer, seatCount: 1, seats: null });
    if (admission) await admission;
    const outcome = await this.commands.enter({ showId, buyer, origin });
    if (outcome.type === 'refused') throw toDomainError(outcome.error);
    if (outcome.type === 'inLine') return false;
    this.shows.markSeen(lane, sessionId);
    return true;
  }

  /**
   * Returns the answer to `show:join` for a socket that is in the show's room. Returns null if the session's stay has
   * ended meanwhile.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async join(showId: number, sessionId: string): Promise<ClientAnswer<'show:join'> | null> {
    const lane = await this.shows.lane(showId);
    if (!this.shows.canSee(lane, sessionId)) return null;
    const bookings = lane.bookingsOf(sessionId).map((booking) => toBooking(lane.terms, booking));
    const queue = this.places.findIn(lane, sessionId);
    const { termsVersion } = lane.terms;
    return { access: 'open', ...lane.snapshot(), bookings, queue, serverTime: this.clock.nowIso(), termsVersion };
  }

  /** Returns the changes since a client's version, or a snapshot. @throws DomainError `NOT_FOUND`, `NOT_ADMITTED` */
  async sync(showId: number, sessionId: string, since: number): Promise<ClientAnswer<'show:sync'>> {
    await this.requireAdmission(showId, sessionId);
    const { version, changes } = await this.shows.changesSince(showId, since);
    return changes ? { version, changes } : (await this.shows.lane(showId)).snapshot();
  }

  /** Returns all seats with counts. @throws DomainError `NOT_FOUND`, `NOT_ADMITTED` */
  async read(showId: number, sessionId: string | null): Promise<SeatMapWithCounts> {
    await this.shows.catchUpBriefly(showId);
    await this.requireAdmission(showId, sessionId);
    return this.shows.seatMapOf(showId);
  }

  /** @throws DomainError `NOT_ADMITTED` if entry is metered and the call comes without an admitted session */
  private async requireAdmission(showId: number, sessionId: string | null): Promise<void> {
    const lane = await this.shows.lane(showId);
    if (sessionId !== null && this.shows.canSee(lane, sessionId)) return;
    if (lane.isMetered(this.clock.now())) throw this.places.notAdmitted(lane, sessionId);
  }
}
