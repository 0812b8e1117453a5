import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Booking, ClientAnswer, Layout, Queue, SeatChange, SeatMapWithCounts } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { Subject } from 'rxjs';
import { CatalogService } from '../../catalog/index.js';
import { getAmountStep } from '../../common/amount-steps.js';
import { SingleFlight } from '../../common/single-flight.js';
import { DomainError, isBusy, createNotFoundError } from '../../common/domain-error.js';
import { CONFIG, type Config } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { ShowBroadcaster } from '../../realtime/index.js';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { Command, OutcomeOf } from '../core/commands/command.js';
import { type HallPlan, hallPlan } from '../core/seating/index.js';
import { isMetered, maySee } from '../core/waiting/entry-line.js';
import type { Waiter } from '../core/model/waiter.js';
import { isSamePosition, type LogEntry } from '../core/log/log-entry.js';
import { seatStatuses, toSeatChange } from '../core/log/seat-diff.js';
import { touchesSeats } from '../core/log/change-kinds.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import { PostgresShowStore } from '../store/postgres-show-store.js';
import { ShowLogRepository } from '../store/show-log.repository.js';
import { ReceiptSigner } from './receipt-signer.js';
import { type ShowAdvance, ShowLane } from './show-lane.js';
import { OtherHistoryError } from '../store/show-store.js';
import { toBooking } from '../bookings/to-booking.js';
import { momentOf, toQueue } from '../lines/to-queue.js';
import { toWaitingRoom } from './waiting-room-terms.js';

/** Shows kept in memory at once; the one not asked for longest goes first. One of 90 seats, none sold, takes 2.6 KB. */
const lanesMax = 5000;

/** Versions that `show:sync` answers from the log at most; who missed more is quicker with a snapshot. */
const syncVersionsMax = 500;

/** Commits that it reads for them at most: those of the lines lie between. */
const syncCommitsMax = 2000;

/** How long a client waits for what other nodes committed. */
const catchUpMsMax = 500;

/** The shows of this node: one lane each, opened when first asked for. */
@Injectable()
export class ShowsService {
  /** Every commit that this node makes or hears of. */
  readonly advances = new Subject<ShowAdvance & { readonly lane: ShowLane }>();

  /** Sessions that were just seen in a show whose entry is metered. */
  readonly visits = new Subject<{ readonly showId: number; readonly sessionId: string }>();

  private readonly logger = new Logger(ShowsService.name);
  private readonly lanes = new LRUCache<number, ShowLane>({ max: lanesMax });
  private readonly opening = new Map<number, Promise<ShowLane>>();
  private readonly refreshing = new SingleFlight<number>((showId) => this.refresh(showId));
  private readonly plans = new WeakMap<Layout, HallPlan>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: PostgresShowStore,
    private readonly log: ShowLogRepository,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
    private readonly broadcaster: ShowBroadcaster,
    private readonly signer: ReceiptSigner,
  ) {}

  /** Decides a command under its show's lock. @throws DomainError `NOT_FOUND`, `BUSY` */
  async submit<C extends Command>(showId: number, command: C): Promise<OutcomeOf<C>> {
    const lane = await this.lane(showId);
    if (command.type === 'reserve') this.visited(lane, command.sessionId);
    return lane.submit(command);
  }

  /**
   * Comes into a show. @returns null: the session may see it; else its place in line, where entry is metered
   * @throws DomainError `NOT_FOUND`, `BUSY`
   */
  async enter(showId: number, sessionId: string): Promise<Queue | null> {
    const lane = await this.lane(showId);
    if (this.maySee(lane, sessionId)) return null;
    const waiter = lane.state.standing.get(sessionId);
    if (waiter) return this.placeOf(lane, waiter);
    const outcome = await lane.submit({ type: 'enter', sessionId });
    if (outcome.type === 'inLine') return toQueue(lane.terms, lane.state, outcome.waiter, outcome.at, this.clock.now());
    this.visited(lane, sessionId);
    return null;
  }

  /** Whether a session may see a show, as far as this node knows. */
  maySee(lane: ShowLane, sessionId: string): boolean {
    this.visited(lane, sessionId);
    return maySee(lane.state, lane.terms, sessionId, this.clock.now());
  }

  /** @throws DomainError `NOT_ADMITTED` when the show's entry is metered and the session, if any, is not inside */
  async mayLook(showId: number, sessionId: string | null): Promise<void> {
    const lane = await this.lane(showId);
    if (sessionId !== null && this.maySee(lane, sessionId)) return;
    if (isMetered(lane.state, lane.terms, this.clock.now())) throw this.notAdmitted(lane, sessionId);
  }

  /** Reads what other nodes committed by now, if they did. @throws DomainError `NOT_FOUND` */
  readOn(showId: number): Promise<void> {
    return this.refreshing.run(showId);
  }

  /**
   * Reads what other nodes committed before a client is answered from memory: no message tells a node of a show that none
   * of its sockets look at. A database that does not answer in time keeps nobody from what is in memory.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async catchUpBriefly(showId: number): Promise<void> {
    const late = new AbortController();
    try {
      const tooLate = delay(catchUpMsMax, undefined, { ref: false, signal: late.signal }).catch(() => undefined);
      await Promise.race([this.readOn(showId), tooLate]);
    } catch (error) {
      if (error instanceof DomainError && !isBusy(error)) throw error;
    } finally {
      late.abort();
    }
  }

  /** The shows in memory that somebody waits for or is inside of, as far as this node knows. */
  withLines(): ShowLane[] {
    return [...this.lanes.values()].filter(({ state }) => state.standing.size + state.inside.shoppers.size > 0);
  }

  /** The session's place in one of the show's lines, or null. @throws DomainError `NOT_FOUND` */
  async queueOf(showId: number, sessionId: string): Promise<Queue | null> {
    return this.queueIn(await this.lane(showId), sessionId);
  }

  /** The session's place in one of the lines of a lane's show, or null. */
  queueIn(lane: ShowLane, sessionId: string): Queue | null {
    const waiter = lane.state.standing.get(sessionId);
    return waiter ? this.placeOf(lane, waiter) : null;
  }

  /** What a session is told that is not let in. */
  notAdmitted(lane: ShowLane, sessionId: string | null): DomainError<'NOT_ADMITTED'> {
    const queue = sessionId === null ? null : this.queueIn(lane, sessionId);
    const detail = 'Many want to see this show: stand in line, and you are let in when it is your turn.';
    return new DomainError('NOT_ADMITTED', detail, { queue });
  }

  /** The seat map with counts by status. @throws DomainError `NOT_FOUND` */
  async seatMap(showId: number): Promise<SeatMapWithCounts> {
    const lane = await this.lane(showId);
    return { showId, ...lane.snapshot(), counts: { ...lane.state.counts } };
  }

  /** What a socket that joins is answered with. @throws DomainError `NOT_FOUND` */
  async joined(showId: number, sessionId: string): Promise<ClientAnswer<'show:join'>> {
    const lane = await this.lane(showId);
    const bookings = lane.state.liveBookingsOf(sessionId).map((booking) => toBooking(lane.terms, booking));
    const queue = this.queueIn(lane, sessionId);
    const { termsVersion } = lane.terms;
    return { access: 'open', ...lane.snapshot(), bookings, queue, serverTime: this.clock.nowIso(), termsVersion };
  }

  /** Everything after a client's version. @throws DomainError `NOT_FOUND` */
  async synced(showId: number, since: number): Promise<ClientAnswer<'show:sync'>> {
    const lane = await this.lane(showId);
    // A client that is ahead of this node heard of a commit that this node has not read yet.
    if (since > lane.state.version) await lane.refresh();
    const { version, seq, seats } = lane.state;
    if (since > version) return lane.snapshot();
    const changes = lane.changesSince(since) ?? (await this.loggedChanges(showId, since, { version, seq }));
    return changes && touchedSeats(changes) <= seats.length ? { version, changes } : lane.snapshot();
  }

  /** The booking as the wire has it. */
  async toBooking(showId: number, booking: BookingRecord): Promise<Booking> {
    return toBooking((await this.lane(showId)).terms, booking);
  }

  /**
   * Those of some shows whose memory is not what the tables say: there are commits which this node has not read yet, or
   * memory contains commits which the tables do not.
   */
  async outdated(lanes: readonly ShowLane[]): Promise<number[]> {
    return (await this.compared(lanes)).filter(({ is }) => is !== 'same').map(({ showId }) => showId);
  }

  /** Those of some shows whose memory contains commits which the tables do not. */
  async divergent(lanes: readonly ShowLane[]): Promise<number[]> {
    return (await this.compared(lanes)).filter(({ is }) => is === 'divergent').map(({ showId }) => showId);
  }

  /** The shows in memory, the ones asked for last first. */
  inMemory(): ShowLane[] {
    return [...this.lanes.values()];
  }

  /** The show's lane where it is in memory. */
  known(showId: number): ShowLane | null {
    return this.lanes.get(showId) ?? null;
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

  private async refresh(showId: number): Promise<void> {
    const lane = await this.lane(showId);
    if ((await this.outdated([lane])).length > 0) await lane.refresh();
  }

  private async compared(lanes: readonly ShowLane[]) {
    // Read before the tables are: what is in memory by then is committed, so that the tables must contain it.
    const memory = lanes.map(({ state: { seq, commitId } }) => ({ seq, commitId }));
    const tables = await this.store.positions(lanes.map(({ terms }) => terms.showId));
    return lanes.map(({ terms: { showId }, state }, index) => {
      const before = memory[index]!;
      const end = tables.get(showId) ?? { seq: 0, commitId: 0 };
      if (end.seq > before.seq) return { showId, is: end.seq > state.seq ? 'behind' : 'same' };
      return { showId, is: isSamePosition(end, before) ? 'same' : 'divergent' };
    });
  }

  private async open(showId: number): Promise<ShowLane> {
    const { layout } = await this.terms(showId);
    await this.store.createLedger(showId, layout.seatCount);
    const lane: ShowLane | null = await ShowLane.open(showId, {
      store: this.store,
      readTerms: () => this.terms(showId),
      advanced: (advance) => lane && this.advanced(lane, advance),
      now: () => this.clock.now(),
      observedNow: (now) => this.clock.observe(now),
      failed: (error) => this.failed(showId, error),
    });
    if (!lane) throw createNotFoundError('show');
    return lane;
  }

  private async terms(showId: number): Promise<ShowTerms> {
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
      queueWaitMs: this.config.queueWaitMsMax,
      amountStep: getAmountStep(this.config.paymentProvider),
      signReceipt: (await this.signer.ready()).sign,
    };
  }

  private placeOf({ terms, state }: ShowLane, waiter: Waiter): Queue {
    return toQueue(terms, state, waiter, momentOf(state.lines[waiter.line], waiter), this.clock.now());
  }

  private visited({ terms, state }: ShowLane, sessionId: string): void {
    if (state.inside.shoppers.has(sessionId)) this.visits.next({ showId: terms.showId, sessionId });
  }

  private failed(showId: number, error: unknown): void {
    if (error instanceof OtherHistoryError) {
      const cause = 'the database was restored, or a copy of it is used by another installation on the same Redis';
      this.logger.warn({ showId }, `memory is not what the tables say: ${cause}; this node reads the show anew`);
    } else this.logger.error({ showId, err: error }, 'a batch failed');
  }

  private advanced(lane: ShowLane, advance: ShowAdvance): void {
    if (advance.isReset) this.broadcaster.reset({ showId: advance.showId, ...lane.snapshot() });
    else this.broadcaster.broadcast(advance.showId, advance);
    this.advances.next({ ...advance, lane });
  }

  private async loggedChanges(showId: number, since: number, { version, seq }: Pick<LogEntry, 'version' | 'seq'>) {
    if (version - since > syncVersionsMax || seq - since > syncCommitsMax) return null;
    const entries = await this.log.entriesAfterVersion(showId, since, syncVersionsMax);
    const changes = entries
      .filter((entry) => entry.version <= version && entry.changes.some(touchesSeats))
      .map((entry) => toSeatChange(entry.version, seatStatuses(entry.changes)));
    // Commits of the lines alone take up room in the answer, so that it may end too early.
    return changes.at(-1)?.version === version ? changes : null;
  }
}

// A snapshot has two bits a seat, a list of changes three characters at least: past this it is the longer answer by far.
const touchedSeats = (changes: readonly SeatChange[]): number =>
  changes.reduce((sum, { version: _, ...seats }) => sum + Object.values(seats).flat().length, 0);
