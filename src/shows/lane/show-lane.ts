import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { encodeSeats, type SeatChange, type SeatStatus } from '@usher/contract';
import { SingleFlight } from '../../common/single-flight.js';
import { DomainError } from '../../common/domain-error.js';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { Command, Outcome, OutcomeOf } from '../core/commands/command.js';
import { decide, type Decision } from '../core/decide/decide.js';
import { refuseHopeless } from '../core/decide/refuse-hopeless.js';
import { invalidRequest } from '../core/draft/refusals.js';
import type { LineChange } from '../core/log/show-change.js';
import { createCommitId } from '../../common/ids.js';
import { type AnnouncedCommit, isSamePosition, type LogEntry, nextEntry } from '../core/log/log-entry.js';
import { differingStatuses, seatStatuses, toSeatChange } from '../core/log/seat-diff.js';
import { isLineChange, isTermsChange } from '../core/log/change-kinds.js';
import type { TermsChange } from '../core/log/show-change.js';
import { applyEntry } from '../core/log/apply-entry.js';
import { ShowState } from '../core/state/show-state.js';
import { termsAfterChange } from '../core/log/terms-after.js';
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

/** What a lane tells of the commits that moved its state: its own, and those of others that it caught up on. */
export interface ShowAdvance {
  readonly showId: number;
  /** How far the lane has read the log. */
  readonly seq: number;
  /** What this node itself committed just now; null: it read on in what others did. */
  readonly committed: AnnouncedCommit | null;
  /**
   * True: the lane discarded its memory, because the tables contain another history, and read the tables. What viewers
   * were told before is void, whatever its version, and only {@link ShowLane.snapshot} is right.
   */
  readonly isReset: boolean;
  /** The version before, which viewers were told of last. */
  readonly from: number;
  readonly version: number;
  /** The status that each seat touched after {@link from} has now. */
  readonly statuses: ReadonlyMap<number, SeatStatus>;
  /** Bookings that were made or ended, as they are after it, oldest change first. */
  readonly bookings: readonly BookingRecord[];
  /** What happened to the lines and to those inside, in its order; null: look at all of it anew. */
  readonly lineChanges: readonly LineChange[] | null;
  /** Changes of the show's terms and when each was committed, in its order. */
  readonly noticed: readonly { readonly at: number; readonly change: TermsChange }[];
}

/** What a lane needs beside its show. */
export interface ShowLaneOptions {
  readonly store: ShowStore;
  /**
   * The show's terms as the catalog has them at this moment. Asked after the tables were read, never before: newer terms
   * than the tables' are in the log too, older ones would never be replaced.
   */
  readonly readTerms: () => Promise<ShowTerms>;
  /** Called after each commit, before the commands of its batch are answered. */
  readonly advanced: (advance: ShowAdvance) => void;
  /** An estimate of the database's clock, in ms since 1970. */
  readonly now: () => number;
  /** The database's clock as a transaction read it just now, in ms since 1970. */
  readonly observedNow: (dbNow: number) => void;
  /** Waits before a commit in doubt is asked after again: by a timer, unless the simulation brings its own time. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Unexpected failures, for the log. */
  readonly failed: (error: unknown) => void;
}

/** Commands in one transaction at most: with more, the first of them would wait for the last. */
const batchMax = 512;

/** Commands that may wait: past that a node refuses quickly and keeps serving those it took. */
const waitingMax = 20_000;

/** How long a client should wait before it tries a busy show again. */
const busyRetryMs = 500;

/** Versions kept in memory for `show:sync`. */
const recentMax = 256;

/** How often in a row a lane reads the tables anew and decides its batch again, before it refuses the batch. */
const reloadsMax = 3;

/** How often, and how far apart, a commit whose answer was lost is asked after. */
const doubtAttemptsMax = 20;
const doubtRetryMs = 250;

/** A commit whose answer was lost, and the database did not come back in time to tell. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/** A command whose caller waits for the outcome. */
interface Waiting {
  readonly command: Command;
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * One show's commands on one node: collects those that arrive while the last transaction runs and decides them
 * together under the show's lock. Never waits on purpose: a lone command goes at once.
 */
export class ShowLane {
  private waiting: Waiting[] = [];
  private running: Promise<void> | null = null;
  private readonly catchUps = new SingleFlight<number>(() => this.catchUp());
  /** How many of {@link waiting}, from the first, the running transaction decides. */
  private batchSize = 0;
  /** Whether the running transaction has committed: its batch must not be decided again. */
  private hasCommitted = false;
  private recent: SeatChange[] = [];
  private encoded: { version: number; seatCount: number; seats: string } | null = null;

  private constructor(
    private currentTerms: ShowTerms,
    private current: ShowState,
    private readonly options: ShowLaneOptions,
  ) {}

  /** Reads the show from the store; null when there is no such show. */
  static async open(showId: number, options: ShowLaneOptions): Promise<ShowLane | null> {
    const stored = await options.store.load(showId);
    if (!stored) return null;
    const terms = await options.readTerms();
    return new ShowLane(terms, new ShowState(terms.layout.seatCount, stored), options);
  }

  /** What the show is sold by, after the last commit that this lane knows of. */
  get terms(): ShowTerms {
    return this.currentTerms;
  }

  /** The show after the last commit that this lane knows of. Only to be read, and not to be kept. */
  get state(): ShowState {
    return this.current;
  }

  /** True while commands wait or a transaction runs. */
  get busy(): boolean {
    return this.running !== null;
  }

  /**
   * Decides a command under the show's lock, in the order of arrival.
   *
   * @throws DomainError `BUSY` when the lock was not had in time or too many wait: nothing was done
   */
  submit<C extends Command>(command: C): Promise<OutcomeOf<C>>;
  // The decision has the outcome of each command at the command's index.
  submit(command: Command): Promise<Outcome> {
    const hopeless = refuseHopeless(this.current, this.terms, command, this.options.now());
    if (hopeless) return Promise.resolve({ type: 'refused', error: hopeless });
    if (this.waiting.length >= waitingMax) return Promise.reject(busy());
    return new Promise((settle, fail) => {
      this.waiting.push({ command, settle, fail });
      this.running ??= this.run();
    });
  }

  /** Catches up on what other nodes had committed when it was asked. Those who ask at the same time share one answer. */
  refresh(): Promise<void> {
    return this.catchUps.run(this.terms.showId);
  }

  /**
   * Applies a commit that another node announced, without reading the log. If the commit does not follow the last commit
   * in memory, the lane reads the log instead and ignores the announcement.
   *
   * A copy of this database on the same Redis can announce a commit that follows and is not in our tables. Then memory is
   * ahead of the tables until the lane next takes the lock or compares its position with them, which discards it.
   */
  async heard(commit: AnnouncedCommit): Promise<void> {
    // A batch that waits for the lock reads the log to its end as soon as it has it.
    while (this.running && commit.seq > this.current.seq) await this.running;
    const { seq, commitId } = this.current;
    if (commit.seq < seq || isSamePosition(commit, this.current)) return;
    if (commit.seq === seq + 1 && commit.previousCommitId === commitId) await this.apply(commit);
    else await this.refresh();
  }

  /** The changes after version `since`, oldest first; null when they are no longer in memory. */
  changesSince(since: number): SeatChange[] | null {
    if (since >= this.current.version) return [];
    const oldest = this.recent[0];
    if (!oldest || since < oldest.version - 1) return null;
    return this.recent.filter(({ version }) => version > since);
  }

  /** All seats in the wire's form; encoded once a version. */
  snapshot(): { version: number; seatCount: number; seats: string } {
    const { version, seats } = this.current;
    if (this.encoded?.version !== version) {
      this.encoded = { version, seatCount: seats.length, seats: encodeSeats(seats) };
    }
    return this.encoded;
  }

  private async catchUp(): Promise<void> {
    if (this.running) {
      // A batch reads the log to its end under the lock; waiting for the lane to fall idle could take a whole rush.
      await this.submit({ type: 'tick' });
      return;
    }
    await this.runAlone(() => this.readOn());
  }

  /** Does something that changes memory while no batch runs; commands that arrive meanwhile wait. */
  private async runAlone(work: () => Promise<void>): Promise<void> {
    this.running = work().finally(() => {
      this.running = this.waiting.length > 0 ? this.run() : null;
    });
    await this.running;
  }

  private async readOn(): Promise<void> {
    const { showId } = this.terms;
    try {
      const missed = await this.options.store.entriesAfter(showId, this.current);
      if (!missed) throw otherHistory(showId);
      this.advance(missed);
    } catch (error) {
      if (!(error instanceof StateMismatchError) || !(await this.reload(error))) throw error;
    }
  }

  private async apply(commit: AnnouncedCommit): Promise<void> {
    try {
      this.advance([commit]);
    } catch (error) {
      if (!(error instanceof StateMismatchError)) throw error;
      // Applied in part: nothing in memory can be relied on.
      await this.runAlone(async () => void (await this.reload(error)));
    }
  }

  private async run(): Promise<void> {
    let reloads = 0;
    try {
      while (this.waiting.length > 0) {
        try {
          await this.runBatch();
          reloads = 0;
          this.refuseHopelessOnes();
        } catch (error) {
          // Nothing was done, so the same batch is decided again by what the tables say.
          const canRetry = error instanceof StateMismatchError && !this.hasCommitted && reloads++ < reloadsMax;
          if (!canRetry || !(await this.reload(error))) await this.recover(error);
        }
      }
    } finally {
      this.running = null;
    }
  }

  private async runBatch(): Promise<void> {
    this.hasCommitted = false;
    const transaction = await this.options.store.begin(this.terms.showId);
    const { now, decision } = await this.decideLocked(transaction);
    if (decision.changes.length === 0) {
      await transaction.rollback();
    } else {
      await this.commit(transaction, nextEntry(this.current, decision.changes, now, createCommitId()), decision);
    }
    const batch = this.waiting.splice(0, this.batchSize);
    if (decision.hasMoreWork)
      this.waiting.push({ command: { type: 'tick' }, settle: () => undefined, fail: () => undefined });
    batch.forEach(({ settle }, index) => settle(decision.outcomes[index]!));
  }

  /** Takes the lock and decides those who wait then. They stay in line until their commit is answered. */
  private async decideLocked(transaction: ShowTransaction): Promise<{ now: number; decision: Decision }> {
    try {
      const { now, missed } = await transaction.lock(this.current);
      this.options.observedNow(now);
      if (!missed) throw otherHistory(this.terms.showId);
      this.advance(missed);
      return { now, decision: this.decideWaiting(now) };
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  private decideWaiting(now: number): Decision {
    for (;;) {
      // Taken only now, with the lock: whoever came while it was waited for goes along.
      const batch = this.waiting.slice(0, batchMax);
      const decideThese = (some: readonly Waiting[]) => {
        const commands = some.map(({ command }) => command);
        return decide(this.current, this.terms, commands, now);
      };
      try {
        this.batchSize = batch.length;
        return decideThese(batch);
      } catch (error) {
        // A command that no decision can be made on is a defect of ours, and no reason to fail those beside it.
        const culprit = batch.find((one) => throws(() => decideThese([one])));
        if (!culprit) throw error;
        this.waiting = this.waiting.filter((one) => one !== culprit);
        culprit.fail(error);
      }
    }
  }

  private async commit(transaction: ShowTransaction, entry: AnnouncedCommit, decision: Decision): Promise<void> {
    try {
      await transaction.write(toCommit(this.terms.showId, this.current, entry, decision.linesDueAt));
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    try {
      await transaction.commit();
    } catch (error) {
      if (error instanceof CommitInDoubtError && (await this.happened(entry, error))) return;
      throw error;
    }
    this.hasCommitted = true;
    this.advance([entry], entry);
  }

  /**
   * Whether a commit whose answer was lost is in the log. The lock makes the answer final: whoever has it knows that
   * the lost transaction has ended.
   */
  private async happened(entry: LogEntry, doubt: CommitInDoubtError): Promise<boolean> {
    for (let attempt = 1; attempt <= doubtAttemptsMax; attempt++) {
      let transaction: ShowTransaction | null = null;
      try {
        transaction = await this.options.store.begin(this.terms.showId);
        const { missed } = await transaction.lock(this.current);
        // The entry follows what is in memory: a log without that does not contain the entry either.
        if (!missed) return false;
        this.advance(missed);
        return missed.some((one) => isSamePosition(one, entry));
      } catch (error) {
        this.options.failed(error);
        await (this.options.pause ?? delay)(doubtRetryMs);
      } finally {
        await transaction?.rollback();
      }
    }
    throw new OutcomeUnknownError('the database did not come back to tell whether the commit happened', {
      cause: doubt,
    });
  }

  /** After a failed batch: answers those who wait; what failed left the state as it was, unless it does not fit. */
  private async recover(error: unknown): Promise<void> {
    if (error instanceof HallTakenError && this.refuseMoves()) return;
    const waiting = this.waiting;
    this.waiting = [];
    const inDoubt = error instanceof OutcomeUnknownError ? this.batchSize : 0;
    const locked = error instanceof LockTimeoutError;
    const refusal = locked ? busy() : busy('The database does not answer as it should');
    waiting.forEach(({ fail }, index) => fail(index < inDoubt ? error : refusal));
    if (locked) return;
    this.options.failed(error);
    if (error instanceof StateMismatchError) await this.reload(null);
  }

  /** Refuses the moves of a batch that the hall has no time for, so that the rest of it is decided again. */
  private refuseMoves(): boolean {
    const moves = this.waiting.slice(0, this.batchSize).filter(({ command }) => isMove(command));
    this.waiting = this.waiting.filter((one) => !moves.includes(one));
    const error = invalidRequest('startsAt', 'the hall has another show at that time');
    for (const { settle } of moves) settle({ type: 'refused', error });
    return moves.length > 0;
  }

  /**
   * Discards memory and reads the tables.
   *
   * @param cause for the log; null: it was reported
   * @returns whether the tables were read
   */
  private async reload(cause: StateMismatchError | null): Promise<boolean> {
    if (cause) this.options.failed(cause);
    try {
      const stored = await this.options.store.load(this.terms.showId);
      if (!stored) return false;
      this.currentTerms = await this.options.readTerms();
      const { version: from, seats: before } = this.current;
      this.current = new ShowState(this.terms.layout.seatCount, stored);
      this.recent = [];
      this.encoded = null;
      const { seq, version, seats } = this.current;
      const statuses = differingStatuses(before, seats);
      const { showId } = this.terms;
      // Behind, memory was right as far as it went, and viewers need only what changed since.
      const isReset = !(cause instanceof TooFarBehindError);
      const nothing = { committed: null, bookings: [], noticed: [] };
      this.tell({ showId, seq, isReset, from, version, statuses, ...nothing, lineChanges: null });
      return true;
    } catch (error) {
      // The next batch finds the state as wrong as this one did, and comes here again.
      this.options.failed(error);
      return false;
    }
  }

  // A thousand callers for one seat cost one transaction: the losers of the first batch's seats leave the line here.
  private refuseHopelessOnes(): void {
    const now = this.options.now();
    this.waiting = this.waiting.filter(({ command, settle }) => {
      const error = refuseHopeless(this.current, this.terms, command, now);
      if (error) settle({ type: 'refused', error });
      return !error;
    });
  }

  private advance(entries: readonly LogEntry[], committed: AnnouncedCommit | null = null): void {
    if (entries.length === 0) return;
    const from = this.current.version;
    const bookings: BookingRecord[] = [];
    const before = this.terms;
    for (const entry of entries) {
      try {
        bookings.push(...applyEntry(this.current, entry));
        this.applyTerms(entry);
      } catch (cause) {
        throw new StateMismatchError(`log entry ${entry.seq} does not fit the state`, { cause });
      }
      // A commit of the lines alone is no version of the seats.
      const isSeen = entry.version === (this.recent.at(-1)?.version ?? from);
      if (!isSeen) this.recent.push(toSeatChange(entry.version, seatStatuses(entry.changes)));
    }
    if (this.recent.length > recentMax) this.recent.splice(0, this.recent.length - recentMax);
    const changes = entries.flatMap((entry) => entry.changes);
    const { showId } = this.terms;
    const { seq, version } = this.current;
    const statuses = seatStatuses(changes);
    const noticed = entries.flatMap(({ at, changes: ofEntry }) =>
      ofEntry.filter(isTermsChange).map((change) => ({ at, change })),
    );
    const lineChanges = changes.filter(isLineChange);
    this.tell({ showId, seq, committed, isReset: false, from, version, statuses, bookings, lineChanges, noticed });
    // Who may look and who must wait are others now.
    if (isMeteredOtherwise(before, this.terms)) {
      const seats = { from: version, statuses: new Map(), bookings: [] };
      const nothing = { committed: null, isReset: false, ...seats, noticed: [] };
      this.tell({ showId, seq, version, ...nothing, lineChanges: null });
    }
  }

  private applyTerms({ changes }: LogEntry): void {
    for (const change of changes.filter(isTermsChange)) this.currentTerms = termsAfterChange(this.currentTerms, change);
  }

  // Whoever listens cannot undo a commit: a failure of theirs must not be answered as if nothing had been done.
  private tell(advance: ShowAdvance): void {
    try {
      this.options.advanced(advance);
    } catch (error) {
      this.options.failed(error);
    }
  }
}

/** Whether other terms may let others in. */
const isMeteredOtherwise = (before: ShowTerms, after: ShowTerms): boolean =>
  !isDeepStrictEqual(before.waitingRoom, after.waitingRoom) ||
  (after.waitingRoom !== null && before.saleOpensAt !== after.saleOpensAt);

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
  new DomainError('BUSY', `${why}: nothing was held, trying again is safe.`, { retryAfterMs: busyRetryMs });
