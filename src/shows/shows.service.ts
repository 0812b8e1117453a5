import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Booking, type ClientAnswer, type Layout, type SeatChange, type SeatMapWithCounts } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { Subject } from 'rxjs';
import { CatalogService } from '../catalog/catalog.service.js';
import { notFound } from '../common/domain-error.js';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { ShowBroadcaster } from '../realtime/show-broadcaster.service.js';
import type { BookingRecord } from './core/booking-record.js';
import type { Command, Outcome } from './core/command.js';
import { type HallPlan, hallPlan } from './core/seating/index.js';
import { seatStatuses, toSeatChange } from './core/show-log.js';
import { liveBookingsOf } from './core/show-state.js';
import type { ShowTerms } from './core/show-terms.js';
import { PostgresShowStore } from './postgres-show-store.js';
import { type ShowAdvance, ShowLane } from './show-lane.js';
import { toBooking } from './to-booking.js';

/** Shows kept in memory at once; the one not asked for longest goes first. */
const lanesMax = 2000;

/** Versions that `show:sync` answers from the log at most; who missed more is quicker with a snapshot. */
const syncVersionsMax = 500;

/** The shows of this node: one lane each, opened when first asked for. */
@Injectable()
export class ShowsService {
  /** Every commit that this node makes or hears of. */
  readonly advances = new Subject<ShowAdvance & { readonly terms: ShowTerms }>();

  private readonly logger = new Logger(ShowsService.name);
  private readonly lanes = new LRUCache<number, ShowLane>({ max: lanesMax });
  private readonly opening = new Map<number, Promise<ShowLane>>();
  private readonly plans = new WeakMap<Layout, HallPlan>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: PostgresShowStore,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
    private readonly broadcaster: ShowBroadcaster,
  ) {}

  /** Decides a command under its show's lock. @throws DomainError `NOT_FOUND`, `BUSY` */
  async submit(showId: number, command: Command): Promise<Outcome> {
    return (await this.lane(showId)).submit(command);
  }

  /** The seat map with counts by status. @throws DomainError `NOT_FOUND` */
  async seatMap(showId: number): Promise<SeatMapWithCounts> {
    const lane = await this.lane(showId);
    return { showId, ...lane.snapshot(), counts: { ...lane.state.counts } };
  }

  /** What a socket that joins is answered with. @throws DomainError `NOT_FOUND` */
  async joined(showId: number, sessionId: string): Promise<ClientAnswer<'show:join'>> {
    const lane = await this.lane(showId);
    const bookings = liveBookingsOf(lane.state, sessionId).map((booking) => toBooking(lane.terms, booking));
    return { access: 'open', ...lane.snapshot(), bookings, queue: null, serverTime: this.clock.nowIso() };
  }

  /** Everything after a client's version. @throws DomainError `NOT_FOUND` */
  async synced(showId: number, since: number): Promise<ClientAnswer<'show:sync'>> {
    const lane = await this.lane(showId);
    // A client that is ahead of this node heard of a commit that this node has not read yet.
    if (since > lane.state.version) await lane.refresh();
    const { version, seats } = lane.state;
    if (since > version) return lane.snapshot();
    const changes = lane.changesSince(since) ?? (await this.loggedChanges(showId, since, version));
    return changes && touchedSeats(changes) <= seats.length ? { version, changes } : lane.snapshot();
  }

  /** The booking as the wire has it. */
  async toBooking(showId: number, booking: BookingRecord): Promise<Booking> {
    return toBooking((await this.lane(showId)).terms, booking);
  }

  /** Those of some shows that have commits which this node has not read yet. */
  async behind(showIds: readonly number[]): Promise<number[]> {
    const seqs = await this.store.seqs(showIds);
    const lanes = await Promise.all(showIds.map((showId) => this.lane(showId)));
    return lanes.flatMap(({ state, terms: { showId } }) => ((seqs.get(showId) ?? 0) > state.seq ? showId : []));
  }

  /** The show's lane. @throws DomainError `NOT_FOUND` */
  lane(showId: number): Promise<ShowLane> {
    const known = this.lanes.get(showId);
    if (known) return Promise.resolve(known);
    // Opened once for all who ask meanwhile, and kept only if there is such a show: asking for a thousand that do not
    // exist must not push out those that people look at.
    const opening =
      this.opening.get(showId) ??
      this.open(showId)
        .then((lane) => {
          this.lanes.set(showId, lane);
          return lane;
        })
        .finally(() => this.opening.delete(showId));
    this.opening.set(showId, opening);
    return opening;
  }

  private async open(showId: number): Promise<ShowLane> {
    const terms = await this.terms(showId);
    await this.store.makeLedger(showId, terms.layout.seatCount);
    const lane = await ShowLane.open(terms, {
      store: this.store,
      advanced: (advance) => this.advanced(terms, advance),
      now: () => this.clock.now(),
      observedNow: (now) => this.clock.observe(now),
      failed: (error) => this.logger.error({ showId, err: error }, 'a batch failed'),
    });
    if (!lane) throw notFound('show');
    return lane;
  }

  private async terms(showId: number): Promise<ShowTerms> {
    const entry = await this.catalog.showTerms(showId);
    if (!entry) throw notFound('show');
    const { layout, saleOpensAt, saleClosesAt, ...rest } = entry;
    const plan = this.plans.get(layout) ?? hallPlan(layout);
    this.plans.set(layout, plan);
    return {
      ...rest,
      layout,
      plan,
      saleOpensAt: saleOpensAt?.getTime() ?? null,
      saleClosesAt: saleClosesAt.getTime(),
      holdMs: this.config.holdMs,
      seatsMax: this.config.seatsMax,
    };
  }

  private advanced(terms: ShowTerms, advance: ShowAdvance): void {
    this.broadcaster.changed(advance.showId, advance);
    this.advances.next({ ...advance, terms });
  }

  private async loggedChanges(showId: number, since: number, version: number) {
    if (version - since > syncVersionsMax) return null;
    const entries = await this.store.entriesAfterVersion(showId, since, syncVersionsMax);
    return entries
      .filter((entry) => entry.version <= version)
      .map((entry) => toSeatChange(entry.version, seatStatuses(entry.changes)));
  }
}

// A snapshot has two bits a seat, a list of changes three characters at least: past this it is the longer answer by far.
const touchedSeats = (changes: readonly SeatChange[]): number =>
  changes.reduce((sum, { version: _, ...seats }) => sum + Object.values(seats).flat().length, 0);
