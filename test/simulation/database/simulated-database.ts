import type { Random } from '../../../src/catalog/demo/random.js';
import type { LogPosition } from '../../../src/shows/core/log/log-entry.js';
import type { StoredShow } from '../../../src/shows/core/state/stored-show.js';
import {
  CommitInDoubtError,
  type LockedShow,
  LockTimeoutError,
  type ShowStore,
  type ShowTransaction,
} from '../../../src/shows/store/show-store.js';
import type { ShowCommit } from '../../../src/shows/core/log/to-commit.js';
import { InjectedFault, ConstraintError } from '../engine/simulated-errors.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import { copyAsJson, type SimulatedTables } from './simulated-tables.js';

/** How long a transaction waits for a show's lock, in ms of the simulated database's clock. */
const lockTimeoutMs = 2000;

/** The mechanisms that protect the tables. A test may remove a mechanism and expect the oracle to find the damage. */
export interface Protections {
  /** Whether the lock on a show's ledger row excludes other transactions. */
  readonly hasLock: boolean;
  /** Whether primary keys and row counts refuse conflicting writes. */
  readonly hasConstraints: boolean;
}

/** Callbacks with which the simulated database reports commits and events, and asks which statements fail. */
export interface DatabaseObserver {
  /** Called at the instant at which a commit becomes visible. */
  readonly onCommit: (commit: ShowCommit) => void;
  readonly countEvent: (event: string) => void;
  /**
   * Decides whether PostgreSQL cancels the current statement. The transaction then keeps its connection and its lock.
   */
  readonly shouldCancelStatement: () => boolean;
}

/**
 * The database that all simulated nodes share. It has committed tables, locks, connections that can break, and a clock.
 */
export class SimulatedDatabase {
  /** While false, no node can begin a transaction or read. */
  isUp = true;
  readonly transactions = new Set<SimulatedTransaction>();
  private readonly lockHolders = new Map<number, SimulatedTransaction>();

  /** @param now the database's clock, in ms since 1970; only the simulation moves it */
  constructor(
    readonly scheduler: Scheduler,
    readonly shows: ReadonlyMap<number, SimulatedTables>,
    readonly protections: Protections,
    public now: number,
    readonly observer: DatabaseObserver,
  ) {}

  /** Returns the show store that `node` uses. If the node dies, it receives no further answers. */
  storeFor(node: object): ShowStore {
    return {
      load: (showId) =>
        this.runStatement(node, `load ${showId}`, (): StoredShow => this.tablesOf(showId).load(this.now)),
      entriesAfter: (showId, position) =>
        this.runStatement(node, `read log of ${showId}`, () => this.tablesOf(showId).entriesSince(position)),
      begin: (showId) =>
        this.runStatement(node, `begin on ${showId}`, () => {
          const transaction = new SimulatedTransaction(this, node, showId);
          this.transactions.add(transaction);
          return transaction;
        }),
    };
  }

  /** Returns the shows with due holds. Every node polls this query. */
  findShowsWithDueHolds(node: object): Promise<number[]> {
    return this.runStatement(node, 'due shows', () =>
      [...this.shows].flatMap(([showId, tables]) => (tables.hasDueHolds(this.now) ? [showId] : [])),
    );
  }

  /** Claims the shows whose lines are due for a tick. Every node polls this query. A claim lasts 5 s. */
  claimDueLines(node: object): Promise<number[]> {
    return this.runStatement(node, 'claim lines', () => {
      const due = [...this.shows].filter(([, { lines }]) => lines.dueAt !== null && lines.dueAt <= this.now);
      for (const [, { lines }] of due) lines.dueAt = this.now + 5000;
      return due.map(([showId]) => showId);
    });
  }

  /** Stores when a show's lines are due for the next tick, unless a node has committed to the show after `seq`. */
  setLinesDue(node: object, showId: number, seq: number, dueAt: number | null): Promise<void> {
    return this.runStatement(node, 'lines are due', () => {
      const tables = this.tablesOf(showId);
      if (tables.seq === seq) tables.lines.dueAt = dueAt;
    });
  }

  /** Returns the last `seq` of each show's log. */
  readSeqs(node: object): Promise<Map<number, number>> {
    return this.runStatement(node, 'seqs', () => new Map([...this.shows].map(([showId, { seq }]) => [showId, seq])));
  }

  /** Returns a copy of the terms that changed since the show was planned, as the catalog stores them. */
  changedTermsOf(showId: number): Partial<ShowTerms> {
    return copyAsJson(this.tablesOf(showId).changedTerms);
  }

  tablesOf(showId: number): SimulatedTables {
    const tables = this.shows.get(showId);
    if (!tables) throw new Error(`there is no show ${showId}`);
    return tables;
  }

  canLock(showId: number): boolean {
    return !this.protections.hasLock || !this.lockHolders.has(showId);
  }

  takeLock(transaction: SimulatedTransaction): void {
    if (this.protections.hasLock) this.lockHolders.set(transaction.showId, transaction);
  }

  /** Makes a transaction's writes visible and releases its lock at the same instant, as a commit in PostgreSQL does. */
  commit(transaction: SimulatedTransaction): void {
    const { written, showId } = transaction;
    this.endTransaction(transaction);
    if (!written) return;
    const tables = this.tablesOf(showId);
    if (this.protections.hasConstraints) tables.checkConstraints(written);
    tables.apply(written);
    this.observer.onCommit(written);
  }

  /** Ends a transaction and discards its uncommitted writes. */
  endTransaction(transaction: SimulatedTransaction): void {
    this.transactions.delete(transaction);
    if (this.lockHolders.get(transaction.showId) === transaction) this.lockHolders.delete(transaction.showId);
  }

  /** Breaks all connections at once. The seed decides for each commit under way whether it still happens. */
  restart(random: Random): void {
    for (const transaction of this.transactions) {
      if (random.integer(2) === 0) transaction.applySentCommit();
      this.endTransaction(transaction);
      transaction.breakConnection('nodeNotices');
    }
  }

  /**
   * Runs a statement on a connection of its own. The statement and its answer are two messages, and the seed decides
   * when each arrives.
   */
  runStatement<T>(node: object, label: string, execute: () => T): Promise<T> {
    const { scheduler } = this;
    return new Promise((resolve, reject) => {
      const run = () => {
        const refuse = () => reject(new InjectedFault('the database is down'));
        const answer = this.isUp ? answerOf(execute, resolve, reject) : refuse;
        scheduler.schedule({ owner: node, label: `${label}: answer`, run: answer });
      };
      scheduler.schedule({ owner: node, label, run });
    });
  }
}

/**
 * One transaction. The node sends statements and receives answers. If the node dies, the transaction still exists in
 * the database.
 */
export class SimulatedTransaction implements ShowTransaction {
  written: ShowCommit | null = null;
  isConnectionBroken = false;
  private hasSentCommit = false;
  /** Rejects the last statement that the node sent. Has no effect after the statement was answered. */
  private rejectStatement: ((error: Error) => void) | null = null;

  constructor(
    private readonly database: SimulatedDatabase,
    readonly node: object,
    readonly showId: number,
  ) {}

  lock(position: LogPosition): Promise<LockedShow> {
    const { database, showId } = this;
    const since = database.now;
    const isFree = () => database.canLock(showId);
    const isLate = () => database.now - since >= lockTimeoutMs;
    const run = (): LockedShow => {
      if (!isFree()) {
        database.observer.countEvent('lock timed out');
        throw new LockTimeoutError(`show ${showId} stayed locked`);
      }
      database.takeLock(this);
      const tables = database.tablesOf(showId);
      return { now: database.now, missed: tables.entriesSince(position) };
    };
    return this.runStatement('lock', run, () => isFree() || isLate());
  }

  write(commit: ShowCommit): Promise<void> {
    return this.runStatement('write', () => {
      if (this.database.observer.shouldCancelStatement()) throw new InjectedFault('the statement took too long');
      if (this.database.protections.hasConstraints) this.database.tablesOf(this.showId).checkConstraints(commit);
      this.written = copyAsJson(commit);
    });
  }

  async commit(): Promise<void> {
    this.hasSentCommit = true;
    try {
      await this.runStatement('commit', () => this.database.commit(this));
    } catch (error) {
      this.database.observer.countEvent(`commit in doubt, ${this.hasEnded ? 'decided' : 'under way'}`);
      throw new CommitInDoubtError(`the database did not answer the commit of show ${this.showId}`, { cause: error });
    }
  }

  async rollback(): Promise<void> {
    if (this.isConnectionBroken) return;
    try {
      await this.runStatement('rollback', () => this.database.endTransaction(this));
    } catch {
      // The connection broke, so the database ends the transaction by itself.
    }
  }

  /**
   * Breaks the connection. A living node notices at once. The database notices later, when the seed says so, and keeps
   * the lock until then. A commit under way may happen before the database notices.
   */
  breakConnection(node: 'nodeNotices' | 'nodeDied'): void {
    const { scheduler } = this.database;
    this.isConnectionBroken = true;
    scheduler.discard(({ carrier, owner, label }) => {
      const isCommit = owner === this && label === this.labelOf('commit');
      return carrier === this && (!isCommit || this.hasEnded);
    });
    if (node === 'nodeNotices') this.rejectStatement?.(new InjectedFault('the connection broke'));
    if (this.hasEnded) return;
    const run = () => {
      scheduler.discard(({ carrier }) => carrier === this);
      this.database.endTransaction(this);
    };
    scheduler.schedule({ owner: this, label: this.labelOf('the database notices the broken connection'), run });
  }

  /**
   * Lets the database end the transaction, as PostgreSQL does if a node freezes while it holds a lock. The node notices
   * later.
   */
  terminate(): void {
    const { scheduler } = this.database;
    this.isConnectionBroken = true;
    scheduler.discard(({ carrier }) => carrier === this);
    this.database.endTransaction(this);
    const run = () => this.rejectStatement?.(new InjectedFault('the database ended the connection'));
    scheduler.schedule({
      owner: this.node,
      label: this.labelOf('the node notices that the database ended the connection'),
      run,
    });
  }

  /** True while the node waits for the answer to its commit. */
  get isCommitting(): boolean {
    return this.hasSentCommit && !this.isConnectionBroken;
  }

  /** Applies a commit that is under way, unless the constraints refuse it. */
  applySentCommit(): void {
    if (!this.hasSentCommit || this.hasEnded) return;
    try {
      this.database.commit(this);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
    }
  }

  private get hasEnded(): boolean {
    return !this.database.transactions.has(this);
  }

  private labelOf(event: string): string {
    return `${event} on show ${this.showId}`;
  }

  private runStatement<T>(statement: string, execute: () => T, isReady: () => boolean = () => true): Promise<T> {
    const { scheduler } = this.database;
    const label = this.labelOf(statement);
    return new Promise((resolve, reject) => {
      if (this.isConnectionBroken) return reject(new InjectedFault('the connection is broken'));
      this.rejectStatement = reject;
      const run = () => {
        const answer = answerOf(execute, resolve, reject);
        if (this.isConnectionBroken) return;
        scheduler.schedule({ owner: this.node, carrier: this, label: `${label}: answer`, run: answer });
      };
      scheduler.schedule({ owner: this, carrier: this, label, isReady, run });
    });
  }
}

/** Executes a statement. Returns a function that passes the statement's result or error to the node. */
function answerOf<T>(execute: () => T, resolve: (result: T) => void, reject: (error: Error) => void): () => void {
  try {
    const result = execute();
    return () => resolve(result);
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error));
    return () => reject(reason);
  }
}
