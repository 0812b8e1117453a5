import type { SeatChange } from '@usher/contract';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Command, OutcomeOf } from '../../../src/shows/core/commands/command.js';
import type { AnnouncedCommit } from '../../../src/shows/core/log/log-entry.js';
import { hasLineWork } from '../../../src/shows/core/waiting/entry-line.js';
import { lineWorkAt } from '../../../src/shows/core/waiting/lines-due.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import { ShowLane } from '../../../src/shows/lane/show-lane.js';
import type { ShowAdvance } from '../../../src/shows/lane/show-advance.js';
import { OutcomeUnknownError } from '../../../src/shows/lane/commit-in-doubt.js';
import { CommitInDoubtError, LockTimeoutError, type ShowStore } from '../../../src/shows/store/show-store.js';
import { InjectedFault, ConstraintError } from '../engine/simulated-errors.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';

/** The world around a simulated node, and the bugs that a test plants into the node. */
export interface NodeEnvironment {
  readonly database: SimulatedDatabase;
  readonly terms: ReadonlyMap<number, ShowTerms>;
  readonly oracle: Oracle;
  readonly plantStoreBug: (store: ShowStore) => ShowStore;
  readonly plantTermsBug: (terms: ShowTerms) => ShowTerms;
  readonly plantLaneBug: (lane: ShowLane) => void;
  readonly broadcast: (node: SimulatedNode, advance: ShowAdvance) => void;
  readonly countEvent: (event: string) => void;
}

type Snapshot = ReturnType<ShowLane['snapshot']>;

/**
 * One node from its start to its death. It runs real lanes on its own store. Around these lanes, it does the work of
 * `ShowsService`.
 */
export class SimulatedNode {
  /** Every lane that this node opened. A show has several if its lane was evicted and opened again. */
  readonly openedLanes: ShowLane[] = [];
  private readonly lanes = new Map<number, Promise<ShowLane>>();
  private readonly store: ShowStore;

  /** @param skewMs by how many ms the node's estimate of the database's clock is ahead; negative if it is behind */
  constructor(
    readonly name: string,
    private readonly skewMs: number,
    private readonly environment: NodeEnvironment,
  ) {
    this.store = environment.plantStoreBug(environment.database.storeFor(this));
  }

  async submit<C extends Command>(showId: number, command: C): Promise<OutcomeOf<C>> {
    return (await this.lane(showId)).submit(command);
  }

  /**
   * Expires due holds as `ActiveReservationsService` does. The node asks the tables for due shows and ticks each of
   * them.
   */
  async expireDueHolds(): Promise<void> {
    const shows = await this.environment.database.findShowsWithDueHolds(this);
    await Promise.allSettled(shows.map((showId) => this.submit(showId, { type: 'tick' })));
  }

  /** Ticks the lines as `WaitingUsersService` does, so that time-driven changes happen. */
  async tickLines(): Promise<void> {
    const { database } = this.environment;
    const opened = await Promise.allSettled(this.lanes.values());
    const lanes = opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const now = database.now + this.skewMs;
    const due = lanes.filter(({ state, terms }) => hasLineWork(state, terms, now));
    await Promise.allSettled(due.map((lane) => lane.submit({ type: 'tick' })));
    const claimed = await database.claimDueLines(this);
    await Promise.allSettled(claimed.map((showId) => this.tickClaimedLines(showId)));
    const seqs = await database.readSeqs(this);
    const behind = lanes.filter(({ state, terms }) => state.seq < (seqs.get(terms.showId) ?? 0));
    await Promise.allSettled(behind.map((lane) => lane.catchUp()));
  }

  /** Catches up on a show, even if its lane was evicted. Returns the version that the heartbeat announces. */
  async catchUp(showId: number): Promise<number> {
    const lane = await this.lane(showId);
    await lane.catchUp();
    return lane.state.version;
  }

  /** Receives a commit that another node announced. The lane gets a copy, as if the commit came over the network. */
  async receiveCommit(showId: number, entry: AnnouncedCommit): Promise<void> {
    try {
      const lane = await this.lanes.get(showId);
      if (!lane) return;
      const missing = entry.seq - lane.state.seq;
      const received = missing === 1 ? 'the next commit' : 'a commit after a gap';
      if (missing > 0) this.environment.countEvent(`received ${received} while ${lane.isBusy ? 'busy' : 'idle'}`);
      await lane.applyRemoteCommit(structuredClone(entry));
    } catch (error) {
      this.handleLaneError(error);
    }
  }

  async snapshot(showId: number): Promise<Snapshot> {
    return (await this.lane(showId)).snapshot();
  }

  /**
   * Answers a sync request as `ShowsService` does, except that the simulated node never reads old changes from the log.
   * If the changes are no longer in memory, the node answers with a snapshot.
   */
  async sync(showId: number, since: number): Promise<{ version: number; changes: SeatChange[] } | Snapshot> {
    const lane = await this.lane(showId);
    if (since > lane.state.version) await lane.catchUp();
    const changes = since > lane.state.version ? null : lane.changesSince(since);
    this.environment.countEvent(changes ? 'sync by changes' : 'sync by snapshot');
    return changes ? { version: lane.state.version, changes } : lane.snapshot();
  }

  /** Evicts a lane from memory, even while it is busy. A real node evicts the least recently used lane. */
  evictLane(showId: number): void {
    this.lanes.delete(showId);
  }

  lane(showId: number): Promise<ShowLane> {
    const known = this.lanes.get(showId);
    if (known) return known;
    const opening = this.openLane(showId);
    this.lanes.set(showId, opening);
    opening.catch(() => this.lanes.delete(showId));
    return opening;
  }

  private async tickClaimedLines(showId: number): Promise<void> {
    const { database } = this.environment;
    const lane = await this.lane(showId);
    await lane.catchUp();
    const { seq } = lane.state;
    await lane.submit({ type: 'tick' });
    const { state, terms } = lane;
    const dueAt = lineWorkAt(state, terms, database.now + this.skewMs);
    if (state.seq === seq) await database.setLinesDue(this, showId, seq, dueAt);
  }

  private async openLane(showId: number): Promise<ShowLane> {
    const { database, terms, broadcast, plantTermsBug, plantLaneBug } = this.environment;
    const planned = plantTermsBug(terms.get(showId)!);
    const lane = await ShowLane.open(showId, {
      store: this.store,
      readTerms: () => Promise.resolve({ ...planned, ...database.changedTermsOf(showId) }),
      onAdvance: (advance) => broadcast(this, advance),
      now: () => database.now + this.skewMs,
      onClockRead: () => undefined,
      pause: (ms) => database.scheduler.pause(this, `${this.name} pauses ${ms} ms`),
      onError: (error) => this.handleLaneError(error),
    });
    if (!lane) throw new Error(`there is no show ${showId}`);
    plantLaneBug(lane);
    this.openedLanes.push(lane);
    return lane;
  }

  /**
   * Distinguishes a defect from an injected fault. This is possible only here, because a lane answers `BUSY` to every
   * internal error.
   */
  private handleLaneError(error: unknown): void {
    const { database, oracle, countEvent } = this.environment;
    // If a test removed the lock, the constraints must refuse some writes. With the lock, they must never refuse a
    // write.
    const isRefusal = error instanceof ConstraintError && !database.protections.hasLock;
    if (isExpectedError(error) || isRefusal) countEvent(`lane error: ${error.name}`);
    else oracle.expect('noInternalError', false, `a batch failed on ${this.name}: ${String(error)}`);
  }
}

const isExpectedError = (error: unknown): error is Error =>
  error instanceof InjectedFault ||
  error instanceof LockTimeoutError ||
  error instanceof CommitInDoubtError ||
  error instanceof OutcomeUnknownError;

/** Returns whether an error means that the command certainly had no effect. */
export const isNoEffectError = (error: unknown): boolean =>
  (error instanceof DomainError && error.body.code === 'BUSY') || error instanceof InjectedFault;
