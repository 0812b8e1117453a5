import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Booking, Layout, SeatChange, SeatMapWithCounts } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { Subject } from 'rxjs';
import { CatalogService } from '../../catalog/index.js';
import { getAmountStep } from '../../common/amount-steps.js';
import { DomainError, isBusy, createNotFoundError } from '../../common/domain-error.js';
import { SingleFlight } from '../../common/single-flight.js';
import { CONFIG, type Config } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { ShowBroadcaster } from '../../realtime/index.js';
import { toBooking } from '../bookings/to-booking.js';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { Command, OutcomeOf } from '../core/commands/command.js';
import { type HallPlan, hallPlan } from '../core/seating/index.js';
import { touchesSeats } from '../core/log/change-kinds.js';
import { isSamePosition, type LogEntry } from '../core/log/log-entry.js';
import { seatStatuses, toSeatChange } from '../core/log/seat-diff.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import { PostgresShowStore } from '../store/postgres-show-store.js';
import { ShowLogRepository } from '../store/show-log.repository.js';
import { OtherHistoryError } from '../store/show-store.js';
import { ReceiptSigner } from './receipt-signer.js';
import type { Origin, ShowAdvance } from './show-advance.js';
import { type OpenShow, ShowLane } from './show-lane.js';
import { toBudgets } from './budget-terms.js';
import { toWaitingRoom } from './waiting-room-terms.js';

/**
 * Maximum number of shows in memory. The least recently used show is removed first. A show with 90 unsold seats takes
 * 2.6 KB.
 */
const lanesMax = 5000;

/** Maximum number of versions that are read from the log for `show:sync`. For a longer gap, a snapshot is faster. */
const syncVersionsMax = 500;

/** Maximum number of commits in such a gap. Commits that change only lines lie between the versions. */
const syncCommitsMax = 2000;

/** Maximum time that a client waits for the node to catch up. */
const catchUpMsMax = 500;

/** Opens the shows of this node. A show gets its lane when a caller first asks for that show. */
@Injectable()
export class ShowsService {
  /** Emits every commit that this node makes or reads. */
  readonly advances = new Subject<ShowAdvance & { readonly lane: OpenShow }>();

  /** Emits a session with a stay whenever the session does something in the show. */
  readonly sessionsSeen = new Subject<{ readonly showId: number; readonly sessionId: string }>();

  private readonly logger = new Logger(ShowsService.name);
  private readonly lanes = new LRUCache<number, ShowLane>({ max: lanesMax });
  private readonly opening = new Map<number, Promise<ShowLane>>();
  private readonly pendingCatchUps = new SingleFlight<number>((showId) => this.catchUpIfBehind(showId));
  private readonly plans = new WeakMap<Layout, HallPlan>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: PostgresShowStore,
    private readonly showLog: ShowLogRepository,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
    private readonly broadcaster: ShowBroadcaster,
    private readonly signer: ReceiptSigner,
  ) {}

  /**
   * Decides a command under its show's lock.
   *
   * @param origin the connection that sent the command; null for REST calls and background work
   * @throws DomainError `NOT_FOUND`, `BUSY`
   */
  async submit<C extends Command>(showId: number, command: C, origin: Origin | null = null): Promise<OutcomeOf<C>> {
    const lane = await this.openLane(showId);
    if (command.type === 'reserve') this.markSeen(lane, command.sessionId);
    return lane.submit(command, origin);
  }

  /** Returns the show. @throws DomainError `NOT_FOUND` */
  lane(showId: number): Promise<OpenShow> {
    return this.openLane(showId);
  }

  /** Returns the show if it is in memory, otherwise null. */
  laneInMemory(showId: number): OpenShow | null {
    return this.lanes.get(showId) ?? null;
  }

  /** Returns all shows in memory, the most recently used show first. */
  lanesInMemory(): OpenShow[] {
    return [...this.lanes.values()];
  }

  /** Returns the shows in memory that have waiters or stays. */
  lanesWithWaitersOrStays(): OpenShow[] {
    return [...this.lanes.values()].filter((lane) => lane.hasWaitersOrStays());
  }

  /** Counts a call of a session as presence, if the session has a stay. */
  markSeen(lane: OpenShow, sessionId: string): void {
    if (lane.isInside(sessionId)) this.sessionsSeen.next({ showId: lane.showId, sessionId });
  }

  /** Returns true if the session may see the show, as far as this node knows. The call also counts as presence. */
  canSee(lane: OpenShow, sessionId: string): boolean {
    this.markSeen(lane, sessionId);
    return lane.canSee(sessionId, this.clock.now());
  }

  /** Reads what other nodes have committed by now. @throws DomainError `NOT_FOUND` */
  catchUp(showId: number): Promise<void> {
    return this.pendingCatchUps.run(showId);
  }

  /**
   * Catches up before a client gets an answer from memory, because other nodes announce commits only to nodes with a
   * socket that has the show open. If the database does not answer in time, the client gets what memory contains.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async catchUpBriefly(showId: number): Promise<void> {
    const deadline = new AbortController();
    try {
      const timeout = delay(catchUpMsMax, undefined, { ref: false, signal: deadline.signal }).catch(() => undefined);
      await Promise.race([this.catchUp(showId), timeout]);
    } catch (error) {
      if (error instanceof DomainError && !isBusy(error)) throw error;
    } finally {
      deadline.abort();
    }
  }

  /** Returns the seat map with the number of seats by status. @throws DomainError `NOT_FOUND` */
  async seatMapOf(showId: number): Promise<SeatMapWithCounts> {
    const lane = await this.openLane(showId);
    return { showId, ...lane.snapshot(), counts: lane.countSeats() };
  }

  /**
   * Returns the current version and the seat changes since a client's version. `changes` is null if a snapshot is
   * shorter than the changes, or if the gap is too long to read.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async changesSince(showId: number, since: number): Promise<{ version: number; changes: SeatChange[] | null }> {
    const lane = await this.openLane(showId);
    // A client that is ahead of this node has received a commit that this node has not read yet.
    if (since > lane.version) await lane.catchUp();
    const { version, seq, seats } = lane.state;
    if (since > version) return { version, changes: null };
    const changes = lane.changesSince(since) ?? (await this.loggedChanges(showId, since, { version, seq }));
    // A snapshot takes 2 bits for each seat of the hall. A list of changes takes at least 3 characters per changed
    // seat.
    const isShort = changes !== null && countTouchedSeats(changes) <= seats.length;
    return { version, changes: isShort ? changes : null };
  }

  /** Returns a booking in the form that clients receive. */
  async toBooking(showId: number, booking: BookingRecord): Promise<Booking> {
    return toBooking((await this.openLane(showId)).terms, booking);
  }

  /** Returns the shows whose memory differs from the tables: memory is behind, or it contains a different history. */
  async outdatedShows(lanes: readonly OpenShow[]): Promise<number[]> {
    return (await this.compareWithTables(lanes)).filter(({ is }) => is !== 'same').map(({ showId }) => showId);
  }

  /** Returns the shows whose memory contains commits that the tables do not contain. */
  async divergentShows(lanes: readonly OpenShow[]): Promise<number[]> {
    return (await this.compareWithTables(lanes)).filter(({ is }) => is === 'divergent').map(({ showId }) => showId);
  }

  private openLane(showId: number): Promise<ShowLane> {
    const lane = this.lanes.get(showId);
    if (lane) return Promise.resolve(lane);
    // Concurrent callers share one opening. Only shows that exist enter the cache, so that requests for a thousand
    // unknown shows cannot push out the shows that buyers see.
    const opening =
      this.opening.get(showId) ??
      this.open(showId)
        .then((opened) => {
          this.lanes.set(showId, opened);
          return opened;
        })
        .finally(() => this.opening.delete(showId));
    this.opening.set(showId, opening);
    return opening;
  }

  private async open(showId: number): Promise<ShowLane> {
    const { layout } = await this.readTerms(showId);
    await this.store.createLedger(showId, layout.seatCount);
    const lane: ShowLane | null = await ShowLane.open(showId, {
      store: this.store,
      readTerms: () => this.readTerms(showId),
      onAdvance: (advance) => lane && this.onAdvance(lane, advance),
      now: () => this.clock.now(),
      onClockRead: (now) => this.clock.observe(now),
      onError: (error) => this.logError(showId, error),
    });
    if (!lane) throw createNotFoundError('show');
    return lane;
  }

  private async readTerms(showId: number): Promise<ShowTerms> {
    const entry = await this.catalog.showTerms(showId);
    if (!entry) throw createNotFoundError('show');
    const { layout, saleOpensAt, saleClosesAt, startsAt, endsAt, waitingRoom: room, ...rest } = entry;
    const plan = this.plans.get(layout) ?? hallPlan(layout);
    this.plans.set(layout, plan);
    return {
      ...rest,
      layout,
      plan,
      saleOpensAt: saleOpensAt?.getTime() ?? null,
      saleClosesAt: saleClosesAt.getTime(),
      startsAt: startsAt.getTime(),
      endsAt: endsAt.getTime(),
      holdMs: this.config.holdMs,
      paymentGraceMs: this.config.paymentGraceMs,
      seatsMax: this.config.seatsMax,
      waitingRoom: room && toWaitingRoom(room),
      challengePolicy: this.config.challenge.policy,
      budgets: toBudgets(this.config.budgets, layout.seatCount, this.config.seatsMax),
      queueWaitMs: this.config.queueWaitMsMax,
      amountStep: getAmountStep(this.config.paymentProvider),
      signReceipt: (await this.signer.ready()).sign,
    };
  }

  private onAdvance(lane: ShowLane, advance: ShowAdvance): void {
    if (advance.isReset) this.broadcaster.reset({ showId: advance.showId, ...lane.snapshot() });
    else this.broadcaster.broadcast(advance.showId, advance);
    this.advances.next({ ...advance, lane });
  }

  private logError(showId: number, error: unknown): void {
    if (error instanceof OtherHistoryError) {
      const cause = 'the database was restored, or another installation uses a copy of the database on the same Redis';
      this.logger.warn({ showId }, `memory contains another history than the tables: ${cause}; reading the tables`);
    } else this.logger.error({ showId, err: error }, 'a batch failed');
  }

  private async catchUpIfBehind(showId: number): Promise<void> {
    const lane = await this.openLane(showId);
    if ((await this.outdatedShows([lane])).length > 0) await lane.catchUp();
  }

  private async compareWithTables(lanes: readonly OpenShow[]) {
    // The positions in memory are read before the tables. What memory contained at that time was committed, so the
    // tables must contain it.
    const before = lanes.map(({ position }) => position);
    const tables = await this.store.positions(lanes.map(({ showId }) => showId));
    return lanes.map((lane, index) => {
      const { showId } = lane;
      const end = tables.get(showId) ?? { seq: 0, commitId: 0 };
      const start = before[index]!;
      if (end.seq > start.seq) return { showId, is: end.seq > lane.position.seq ? 'behind' : 'same' };
      return { showId, is: isSamePosition(end, start) ? 'same' : 'divergent' };
    });
  }

  private async loggedChanges(showId: number, since: number, { version, seq }: Pick<LogEntry, 'version' | 'seq'>) {
    if (version - since > syncVersionsMax || seq - since > syncCommitsMax) return null;
    const entries = await this.showLog.entriesAfterVersion(showId, since, syncVersionsMax);
    const changes = entries
      .filter((entry) => entry.version <= version && entry.changes.some(touchesSeats))
      .map((entry) => toSeatChange(entry.version, seatStatuses(entry.changes)));
    // The limit also counts commits that change only lines, so the entries may end before the current version.
    return changes.at(-1)?.version === version ? changes : null;
  }
}

const countTouchedSeats = (changes: readonly SeatChange[]): number =>
  changes.reduce((sum, { version: _, ...seats }) => sum + Object.values(seats).flat().length, 0);
