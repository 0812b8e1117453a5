import type { SeatChange } from '@usher/contract';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Command, OutcomeOf } from '../../../src/shows/core/command.js';
import type { AnnouncedCommit } from '../../../src/shows/core/show-log.js';
import { hasLineWork } from '../../../src/shows/core/line/entry-line.js';
import { lineWorkAt } from '../../../src/shows/core/line/lines-due.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import { OutcomeUnknownError, type ShowAdvance, ShowLane } from '../../../src/shows/lane/show-lane.js';
import { CommitInDoubtError, LockTimeoutError, type ShowStore } from '../../../src/shows/store/show-store.js';
import { InjectedFault, TableGuardError } from '../engine/simulated-errors.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';

/** What a node is given to live on. */
export interface NodeSurroundings {
  readonly database: SimulatedDatabase;
  readonly terms: ReadonlyMap<number, ShowTerms>;
  readonly oracle: Oracle;
  /** Makes a bug of the store, for the tests that expect it to be found. */
  readonly spoil: (store: ShowStore) => ShowStore;
  readonly spoilTerms: (terms: ShowTerms) => ShowTerms;
  readonly spoilLane: (lane: ShowLane) => void;
  readonly broadcast: (node: SimulatedNode, advance: ShowAdvance) => void;
  readonly saw: (what: string) => void;
}

type Snapshot = ReturnType<ShowLane['snapshot']>;

/** One life of one node: real lanes on a store of its own. What it does beside them is what `ShowsService` does. */
export class SimulatedNode {
  /** Every lane that this life opened; more than one of a show when lanes were put away and opened again. */
  readonly opened: ShowLane[] = [];
  private readonly lanes = new Map<number, Promise<ShowLane>>();
  private readonly store: ShowStore;

  /** @param skewMs how far its estimate of the database's clock is off */
  constructor(
    readonly name: string,
    private readonly skewMs: number,
    private readonly around: NodeSurroundings,
  ) {
    this.store = around.spoil(around.database.connect(this));
  }

  async submit<C extends Command>(showId: number, command: C): Promise<OutcomeOf<C>> {
    return (await this.lane(showId)).submit(command);
  }

  /** As `ActiveReservationsService` does it: which shows are due, by the tables, and a command for each. */
  async endDueHolds(): Promise<void> {
    const shows = await this.around.database.dueShows(this);
    await Promise.allSettled(shows.map((showId) => this.submit(showId, { type: 'tick' })));
  }

  /** As `WaitingUsersService` does it: whatever time alone does to the lines. */
  async tendLines(): Promise<void> {
    const { database } = this.around;
    const opened = await Promise.allSettled(this.lanes.values());
    const known = opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const now = database.now + this.skewMs;
    const due = known.filter(({ state, terms }) => hasLineWork(state, terms, now));
    await Promise.allSettled(due.map((lane) => lane.submit({ type: 'tick' })));
    const claimed = await database.claimLines(this);
    await Promise.allSettled(claimed.map((showId) => this.tendClaimed(showId)));
    const seqs = await database.seqs(this);
    const behind = known.filter(({ state, terms }) => state.seq < (seqs.get(terms.showId) ?? 0));
    await Promise.allSettled(behind.map((lane) => lane.refresh()));
  }

  /** What a beat must do for a show in view, also where its lane has left memory. @returns the version to announce */
  async refreshed(showId: number): Promise<number> {
    const lane = await this.lane(showId);
    await lane.refresh();
    return lane.state.version;
  }

  /** What another node says it committed, in a copy as it would come over a line. */
  async hear(showId: number, entry: AnnouncedCommit): Promise<void> {
    try {
      const lane = await this.lanes.get(showId);
      if (!lane) return;
      const missing = entry.seq - lane.state.seq;
      const what = missing === 1 ? 'the next commit' : 'a commit after a gap';
      if (missing > 0) this.around.saw(`told of ${what} while ${lane.busy ? 'busy' : 'idle'}`);
      await lane.heard(structuredClone(entry));
    } catch (error) {
      this.failed(error);
    }
  }

  async snapshot(showId: number): Promise<Snapshot> {
    return (await this.lane(showId)).snapshot();
  }

  /** As `ShowsService` does it, but for the log's part: what is no longer in memory is answered with a snapshot. */
  async synced(showId: number, since: number): Promise<{ version: number; changes: SeatChange[] } | Snapshot> {
    const lane = await this.lane(showId);
    if (since > lane.state.version) await lane.refresh();
    const changes = since > lane.state.version ? null : lane.changesSince(since);
    this.around.saw(changes ? 'sync by changes' : 'sync by snapshot');
    return changes ? { version: lane.state.version, changes } : lane.snapshot();
  }

  /** The show's lane leaves memory, as the one not asked for longest does, whatever it is at. */
  putAway(showId: number): void {
    this.lanes.delete(showId);
  }

  lane(showId: number): Promise<ShowLane> {
    const known = this.lanes.get(showId);
    if (known) return known;
    const opening = this.open(showId);
    this.lanes.set(showId, opening);
    opening.catch(() => this.lanes.delete(showId));
    return opening;
  }

  private async tendClaimed(showId: number): Promise<void> {
    const { database } = this.around;
    const lane = await this.lane(showId);
    await lane.refresh();
    const { seq } = lane.state;
    await lane.submit({ type: 'tick' });
    const { state, terms } = lane;
    const dueAt = lineWorkAt(state, terms, database.now + this.skewMs);
    if (state.seq === seq) await database.setLinesDue(this, showId, seq, dueAt);
  }

  private async open(showId: number): Promise<ShowLane> {
    const { database, terms, broadcast, spoilTerms, spoilLane } = this.around;
    const planned = spoilTerms(terms.get(showId)!);
    const lane = await ShowLane.open(showId, {
      store: this.store,
      readTerms: () => Promise.resolve({ ...planned, ...database.changedTermsOf(showId) }),
      advanced: (advance) => broadcast(this, advance),
      now: () => database.now + this.skewMs,
      observedNow: () => undefined,
      pause: (ms) => database.scheduler.suspend(this, `${this.name} pauses ${ms} ms`),
      failed: (error) => this.failed(error),
    });
    if (!lane) throw new Error(`there is no show ${showId}`);
    spoilLane(lane);
    this.opened.push(lane);
    return lane;
  }

  /** A lane answers `BUSY` to whatever goes wrong in it, so only here a defect can be told from a fault. */
  private failed(error: unknown): void {
    const { database, oracle, saw } = this.around;
    // Without the lock it is for the tables to refuse; with it they never need to.
    const isRefusal = error instanceof TableGuardError && !database.protections.lock;
    if (isFault(error) || isRefusal) saw(`in a lane: ${error.name}`);
    else oracle.expect('lane', false, `a batch failed on ${this.name}: ${String(error)}`);
  }
}

const isFault = (error: unknown): error is Error =>
  error instanceof InjectedFault ||
  error instanceof LockTimeoutError ||
  error instanceof CommitInDoubtError ||
  error instanceof OutcomeUnknownError;

/** Whether a command was answered with "nothing was done". */
export const isNothingDone = (error: unknown): boolean =>
  (error instanceof DomainError && error.body.code === 'BUSY') || error instanceof InjectedFault;
