import { createCommitId } from '../../common/ids.js';
import { DomainError } from '../../common/domain-error.js';
import { SingleFlight } from '../../common/single-flight.js';
import type { Command, Outcome, OutcomeOf } from '../core/commands/command.js';
import { decide, type Decision } from '../core/decide/decide.js';
import { refuseHopeless } from '../core/decide/refuse-hopeless.js';
import { invalidRequest } from '../core/draft/refusals.js';
import { type AnnouncedCommit, isSamePosition, nextEntry } from '../core/log/log-entry.js';
import type { ShowState } from '../core/state/show-state.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import { toCommit } from '../core/log/to-commit.js';
import {
  CommitInDoubtError,
  HallTakenError,
  LockTimeoutError,
  OtherHistoryError,
  type ShowStore,
  type ShowTransaction,
  StateMismatchError,
  TooFarBehindError,
} from '../store/show-store.js';
import { isCommitted, OutcomeUnknownError } from './commit-in-doubt.js';
import { noOrigins, type Origin, type Origins, type ShowAdvance } from './show-advance.js';
import { ShowMemory } from './show-memory.js';
import { ShowView } from './show-view.js';

/** The parts of the service that a lane works with. */
export interface ShowLaneOptions {
  readonly store: ShowStore;
  /**
   * Reads the show's terms from the catalog. The lane calls it only after it has read the tables. If the terms are newer
   * than the tables, the log contains the change too. Terms that are older than the tables would never be replaced.
   */
  readonly readTerms: () => Promise<ShowTerms>;
  /** Receives each change of the state. After a commit it is called before the callers of the batch get their answers. */
  readonly onAdvance: (advance: ShowAdvance) => void;
  /** Returns an estimate of the database's clock in ms since 1970. */
  readonly now: () => number;
  /** Receives the database's clock, in ms since 1970, when a transaction has read it. */
  readonly onClockRead: (dbNow: number) => void;
  /** Waits between two questions about a commit in doubt. By default a timer. The simulator passes its own clock. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Receives unexpected errors for the log. */
  readonly onError: (error: unknown) => void;
}

/** Maximum number of commands in one transaction. In a larger batch the first command would wait for the last one. */
const batchMax = 512;

/** Maximum number of pending commands. Beyond it, the lane refuses at once and so keeps serving the accepted commands. */
const pendingMax = 20_000;

/** How long a client should wait before it retries on a busy show. */
const busyRetryMs = 500;

/** Maximum number of times in a row that the lane reads the tables and decides the same batch again. */
const reloadsMax = 3;

/** A command whose caller waits for the outcome. */
interface PendingCommand {
  readonly command: Command;
  readonly origin: Origin | null;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Decides the commands of one show on one node. While a transaction runs, the lane collects new commands, and then it
 * decides all of them together under the show's lock. The lane never waits on purpose, so a lone command runs at once.
 */
export class ShowLane extends ShowView {
  private pending: PendingCommand[] = [];
  private running: Promise<void> | null = null;
  private readonly pendingCatchUp = new SingleFlight<number>(() => this.readNewEntries());
  /** The running transaction decides this many of {@link pending}, from the first on. */
  private batchSize = 0;
  /** True if the running transaction has committed. Its batch must not be decided again. */
  private hasCommitted = false;

  private constructor(
    memory: ShowMemory,
    private readonly options: ShowLaneOptions,
  ) {
    super(memory);
  }

  /** Reads the show from the store. Returns null if there is no such show. */
  static async open(showId: number, options: ShowLaneOptions): Promise<ShowLane | null> {
    const stored = await options.store.load(showId);
    if (!stored) return null;
    const memory = new ShowMemory(await options.readTerms(), stored, (advance) => {
      // A listener cannot undo a commit, so its failure must not look like a failure of the batch.
      try {
        options.onAdvance(advance);
      } catch (error) {
        options.onError(error);
      }
    });
    return new ShowLane(memory, options);
  }

  /** The state after the last known commit, for src/shows and its tests. Callers read it at once and do not keep it. */
  get state(): ShowState {
    return this.memory.state;
  }

  /** True while commands are pending or a transaction runs. */
  get isBusy(): boolean {
    return this.running !== null;
  }

  /**
   * Decides a command under the show's lock, in the order of arrival.
   *
   * @param origin the connection that sent the command. {@link ShowAdvance} carries it to the listeners.
   * @throws DomainError `BUSY` if the lock was not free in time or too many commands are pending. Nothing was done.
   */
  submit<C extends Command>(command: C, origin?: Origin | null): Promise<OutcomeOf<C>>;
  // The decision has the outcome of each command at the command's index.
  submit(command: Command, origin: Origin | null = null): Promise<Outcome> {
    const hopeless = refuseHopeless(this.state, this.terms, command, this.options.now());
    if (hopeless) return Promise.resolve({ type: 'refused', error: hopeless });
    if (this.pending.length >= pendingMax) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.pending.push({ command, origin, resolve, reject });
      this.running ??= this.runBatches();
    });
  }

  /** Reads what other nodes have committed by the time of the call. Concurrent callers share one read. */
  catchUp(): Promise<void> {
    return this.pendingCatchUp.run(this.showId);
  }

  /**
   * Applies a commit that another node announced, without reading the log. If the commit does not follow the last commit
   * in memory, the lane reads the log instead and ignores the announcement.
   *
   * A copy of this database on the same Redis can announce a commit that follows and is not in our tables. Then memory is
   * ahead of the tables until the lane next takes the lock or compares its position with them, which discards it.
   */
  async applyRemoteCommit(commit: AnnouncedCommit): Promise<void> {
    // A batch that waits for the lock reads the log to its end as soon as it has the lock.
    while (this.running && commit.seq > this.seq) await this.running;
    const { seq, commitId } = this.state;
    if (commit.seq < seq || isSamePosition(commit, this.state)) return;
    const isNext = commit.seq === seq + 1 && commit.previousCommitId === commitId;
    if (!isNext) {
      await this.catchUp();
      return;
    }
    try {
      this.memory.advance([commit]);
    } catch (error) {
      if (!(error instanceof StateMismatchError)) throw error;
      // The state contains a part of the commit, so the lane must read it again.
      await this.runAlone(async () => void (await this.reload(error)));
    }
  }

  private async readNewEntries(): Promise<void> {
    if (this.running) {
      // A batch reads the log to its end under the lock. During a rush the lane may not be idle for a long time.
      await this.submit({ type: 'tick' });
      return;
    }
    await this.runAlone(async () => {
      try {
        const missed = await this.options.store.entriesAfter(this.showId, this.state);
        if (!missed) throw otherHistory(this.showId);
        this.memory.advance(missed);
      } catch (error) {
        if (!(error instanceof StateMismatchError) || !(await this.reload(error))) throw error;
      }
    });
  }

  /** Runs work that changes memory while no batch runs. Commands that arrive meanwhile stay pending. */
  private async runAlone(work: () => Promise<void>): Promise<void> {
    this.running = work().finally(() => {
      this.running = this.pending.length > 0 ? this.runBatches() : null;
    });
    await this.running;
  }

  private async runBatches(): Promise<void> {
    let reloads = 0;
    try {
      while (this.pending.length > 0) {
        try {
          await this.runBatch();
          reloads = 0;
          this.refuseHopelessCommands();
        } catch (error) {
          // Nothing was done, so the lane reads the tables and decides the same batch again.
          const canRetry = error instanceof StateMismatchError && !this.hasCommitted && reloads++ < reloadsMax;
          if (!canRetry || !(await this.reload(error))) await this.failPending(error);
        }
      }
    } finally {
      this.running = null;
    }
  }

  private async runBatch(): Promise<void> {
    this.hasCommitted = false;
    const transaction = await this.options.store.begin(this.showId);
    const { now, decision } = await this.lockAndDecide(transaction);
    if (decision.changes.length === 0) await transaction.rollback();
    else await this.commit(transaction, decision, now);
    const batch = this.pending.splice(0, this.batchSize);
    if (decision.hasMoreWork) {
      const nobody = { origin: null, resolve: () => undefined, reject: () => undefined };
      this.pending.push({ command: { type: 'tick' }, ...nobody });
    }
    batch.forEach(({ resolve }, index) => resolve(decision.outcomes[index]!));
  }

  /** Takes the lock and decides the commands that are pending then. They stay pending until the commit is answered. */
  private async lockAndDecide(transaction: ShowTransaction): Promise<{ now: number; decision: Decision }> {
    try {
      const { now, missed } = await transaction.lock(this.state);
      this.options.onClockRead(now);
      if (!missed) throw otherHistory(this.showId);
      this.memory.advance(missed);
      return { now, decision: this.decidePending(now) };
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  private decidePending(now: number): Decision {
    for (;;) {
      // The batch is taken under the lock, so it includes commands that arrived during the wait for the lock.
      const batch = this.pending.slice(0, batchMax);
      const decideAll = (some: readonly PendingCommand[]) =>
        decide(
          this.state,
          this.terms,
          some.map(({ command }) => command),
          now,
        );
      try {
        this.batchSize = batch.length;
        return decideAll(batch);
      } catch (error) {
        // The core throws only because of a defect. The other commands of the batch must not fail with it.
        const culprit = batch.find((one) => throws(() => decideAll([one])));
        if (!culprit) throw error;
        this.pending = this.pending.filter((one) => one !== culprit);
        culprit.reject(error);
      }
    }
  }

  private async commit(transaction: ShowTransaction, decision: Decision, now: number): Promise<void> {
    const entry = nextEntry(this.state, decision.changes, now, createCommitId());
    try {
      await transaction.write(toCommit(this.showId, this.state, entry, decision.linesDueAt));
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    const origins = originsOf(this.pending, this.batchSize);
    try {
      await transaction.commit();
    } catch (error) {
      if (!(error instanceof CommitInDoubtError)) throw error;
      if (await isCommitted(error, { ...this.options, memory: this.memory, entry, origins })) return;
      throw error;
    }
    this.hasCommitted = true;
    this.memory.advance([entry], entry, origins);
  }

  /** Answers all pending commands after a batch that cannot be decided again. */
  private async failPending(error: unknown): Promise<void> {
    if (error instanceof HallTakenError && this.refuseMoves()) return;
    const pending = this.pending;
    this.pending = [];
    const inDoubt = error instanceof OutcomeUnknownError ? this.batchSize : 0;
    const isLockTimeout = error instanceof LockTimeoutError;
    const refusal = isLockTimeout ? busy() : busy('The database does not answer as it should');
    pending.forEach(({ reject }, index) => reject(index < inDoubt ? error : refusal));
    if (isLockTimeout) return;
    this.options.onError(error);
    if (error instanceof StateMismatchError) await this.reload(null);
  }

  /** Refuses the commands of the batch that move the show. The lane then decides the rest of the batch again. */
  private refuseMoves(): boolean {
    const moves = this.pending.slice(0, this.batchSize).filter(({ command }) => isMove(command));
    this.pending = this.pending.filter((one) => !moves.includes(one));
    const error = invalidRequest('startsAt', 'the hall has another show at that time');
    for (const { resolve } of moves) resolve({ type: 'refused', error });
    return moves.length > 0;
  }

  /**
   * Discards memory and reads the tables.
   *
   * @param cause the error to log; null if it was logged before
   * @returns true if the tables were read
   */
  private async reload(cause: StateMismatchError | null): Promise<boolean> {
    if (cause) this.options.onError(cause);
    try {
      const stored = await this.options.store.load(this.showId);
      if (!stored) return false;
      // A lane that is only behind had the right state for its version, so viewers need only the changes.
      this.memory.replace(stored, await this.options.readTerms(), !(cause instanceof TooFarBehindError));
      return true;
    } catch (error) {
      // The state is still wrong, so the next batch fails as this one did and reloads again.
      this.options.onError(error);
      return false;
    }
  }

  // With this step, a thousand callers for one seat cost one transaction: the first batch sells the seat, and the lane
  // refuses the other callers here.
  private refuseHopelessCommands(): void {
    const now = this.options.now();
    this.pending = this.pending.filter(({ command, resolve }) => {
      const error = refuseHopeless(this.state, this.terms, command, now);
      if (error) resolve({ type: 'refused', error });
      return !error;
    });
  }
}

/** The part of a lane that features use. It excludes the state, which the lane changes in place. */
export type OpenShow = Omit<ShowLane, 'state'>;

/** Collects the origins of a batch. If two commands of a session join a line, the first one made the place. */
function originsOf(pending: readonly PendingCommand[], batchSize: number): Origins {
  let origins: Map<string, Origin> | null = null;
  for (let index = 0; index < batchSize; index++) {
    const { command, origin } = pending[index]!;
    if (!origin) continue;
    origins ??= new Map();
    if (command.type === 'reserve') origins.set(command.bookingId, origin);
    const canJoin = command.type === 'joinLine' || command.type === 'enter';
    if (canJoin && !origins.has(command.sessionId)) origins.set(command.sessionId, origin);
  }
  return origins ?? noOrigins;
}

const isMove = (command: Command): boolean =>
  command.type === 'changeTerms' &&
  ['startsAt', 'hallId', 'movieId'].some((field) => Object.hasOwn(command.terms, field));

function throws(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}

const otherHistory = (showId: number): OtherHistoryError =>
  new OtherHistoryError(`show ${showId}: the log does not contain the last commit in memory`);

const busy = (why = 'The show is busy'): DomainError<'BUSY'> =>
  new DomainError('BUSY', `${why}. Nothing was held, so a retry is safe.`, { retryAfterMs: busyRetryMs });
