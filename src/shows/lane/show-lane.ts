import { createCommitId } from '../../common/ids.js';
import { SingleFlight } from '../../common/single-flight.js';
import type { Command, Outcome, OutcomeOf } from '../core/commands/command.js';
import { decide, type Decision } from '../core/decide/decide.js';
import { refuseHopeless } from '../core/decide/refuse-hopeless.js';
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
import { busy, PendingCommands } from './pending-commands.js';
import type { Origin, ShowAdvance } from './show-advance.js';
import { ShowMemory } from './show-memory.js';
import { ShowView } from './show-view.js';

/** The parts of the service that a lane works with. */
export interface ShowLaneOptions {
  readonly store: ShowStore;
  /**
   * Reads the show's terms from the catalog. The lane calls it only after it has read the tables, so the terms are
   * never older than the tables. Older terms would never be replaced. Newer terms do no harm, because the log contains
   * their change too.
   */
  readonly readTerms: () => Promise<ShowTerms>;
  /**
   * Receives each change to the state. After a commit, it is called before the callers of the batch get their answers.
   */
  readonly onAdvance: (advance: ShowAdvance) => void;
  /** Returns an estimate of the database's clock in ms since 1970. */
  readonly now: () => number;
  /** Receives the database's clock, in ms since 1970, when a transaction has read it. */
  readonly onClockRead: (dbNow: number) => void;
  /**
   * Waits between two attempts to find out whether a commit happened. The default is a timer. The simulator passes a
   * function that uses its own clock.
   */
  readonly pause?: (ms: number) => Promise<void>;
  /** Receives unexpected errors, to log them. */
  readonly onError: (error: unknown) => void;
}

/** Maximum number of retries of one batch. Before each retry, the lane reads the tables again. */
const reloadsMax = 3;

/**
 * Decides the commands of one show on one node. While a transaction runs, the lane collects new commands. Then it
 * decides all of them together under the show's lock. The lane never waits for more commands, so a single command runs
 * at once.
 */
export class ShowLane extends ShowView {
  private readonly pending = new PendingCommands();
  private running: Promise<void> | null = null;
  private readonly pendingCatchUp = new SingleFlight<number>(() => this.readNewEntries());
  /** True if the running transaction has committed. Its batch must then not be decided again. */
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

  /**
   * The state after the last known commit, for src/shows and its tests. Callers must read it at once and must not keep
   * it.
   */
  get state(): ShowState {
    return this.memory.state;
  }

  /** True if commands are pending or a transaction is running. */
  get isBusy(): boolean {
    return this.running !== null;
  }

  /**
   * Decides a command under the show's lock. Commands are decided in the order of their arrival.
   *
   * @param origin the connection that sent the command. {@link ShowAdvance} carries it to the listeners.
   * @throws DomainError `BUSY` if the lock was not free in time or too many commands are pending. The command has then
   * changed nothing.
   */
  submit<C extends Command>(command: C, origin?: Origin | null): Promise<OutcomeOf<C>>;
  // The decision has the outcome of each command at the command's index.
  submit(command: Command, origin: Origin | null = null): Promise<Outcome> {
    const hopeless = refuseHopeless(this.state, this.terms, command, this.options.now());
    if (hopeless) return Promise.resolve({ type: 'refused', error: hopeless });
    if (this.pending.isFull) return Promise.reject(busy());
    const outcome = this.pending.add(command, origin);
    this.running ??= this.runBatches();
    return outcome;
  }

  /** Reads what other nodes have committed by the time of the call. Concurrent callers share one read. */
  catchUp(): Promise<void> {
    return this.pendingCatchUp.run(this.showId);
  }

  /**
   * Applies a commit that another node announced, without reading the log. If the commit does not come directly after
   * the last commit in memory, the lane reads the log instead and ignores the announcement.
   *
   * Another installation, which uses a copy of this database and the same Redis, can announce a commit that fits here
   * but is not in our tables. Memory is then ahead of the tables. The lane notices this and discards memory when it
   * next takes the lock or compares its position with the tables.
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
      // The state now contains only a part of the commit, so the lane must read the tables again.
      await this.runAlone(async () => void (await this.reload(error)));
    }
  }

  private async readNewEntries(): Promise<void> {
    if (this.running) {
      // Every batch reads the log to its end under the lock, so a tick is enough. To wait until the lane is idle could
      // take very long during a rush.
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

  /** Runs work that changes memory and during which no batch may run. Commands that arrive meanwhile stay pending. */
  private async runAlone(work: () => Promise<void>): Promise<void> {
    this.running = work().finally(() => {
      this.running = this.pending.isEmpty ? null : this.runBatches();
    });
    await this.running;
  }

  private async runBatches(): Promise<void> {
    let reloads = 0;
    try {
      while (!this.pending.isEmpty) {
        try {
          await this.runBatch();
          reloads = 0;
          this.pending.refuseHopeless(this.state, this.terms, this.options.now());
        } catch (error) {
          // If nothing was committed, the lane reads the tables and decides the same batch again.
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
    this.pending.answerBatch(decision.outcomes);
    if (decision.hasMoreWork) this.pending.addTick();
  }

  /**
   * Takes the lock and decides the commands that are pending at that time. They stay pending until they are answered.
   */
  private async lockAndDecide(transaction: ShowTransaction): Promise<{ now: number; decision: Decision }> {
    try {
      const { now, missed } = await transaction.lock(this.state);
      this.options.onClockRead(now);
      if (!missed) throw otherHistory(this.showId);
      this.memory.advance(missed);
      // The batch is taken under the lock, so it includes commands that arrived during the wait for the lock.
      return { now, decision: this.pending.decideBatch((batch) => decide(this.state, this.terms, batch, now)) };
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  private async commit(transaction: ShowTransaction, decision: Decision, now: number): Promise<void> {
    const entry = nextEntry(this.state, decision.changes, now, createCommitId());
    try {
      await transaction.write(toCommit(this.showId, this.state, entry, decision));
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    const origins = this.pending.batchOrigins();
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

  /** Answers the pending commands after a batch has failed and cannot be decided again. */
  private async failPending(error: unknown): Promise<void> {
    // If another show has the hall, only the moves are refused. The lane then decides the rest of the batch again.
    if (error instanceof HallTakenError && this.pending.refuseMoves()) return;
    if (error instanceof LockTimeoutError) {
      this.pending.rejectAll(busy());
      return;
    }
    const refusal = busy('The database does not answer as it should');
    this.pending.rejectAll(refusal, error instanceof OutcomeUnknownError ? error : null);
    this.options.onError(error);
    if (error instanceof StateMismatchError) await this.reload(null);
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
      // If the lane was only behind, its state was correct for its version, so viewers need only the changes.
      this.memory.replace(stored, await this.options.readTerms(), !(cause instanceof TooFarBehindError));
      return true;
    } catch (error) {
      // The state is still wrong, so the next batch fails as this one did and reloads again.
      this.options.onError(error);
      return false;
    }
  }
}

/** The part of a lane that features use. It excludes the state, which the lane changes in place. */
export type OpenShow = Omit<ShowLane, 'state'>;

const otherHistory = (showId: number): OtherHistoryError =>
  new OtherHistoryError(`show ${showId}: the log does not contain the last commit in memory`);
