import type { Random } from '../../../src/catalog/demo/random.js';
import type { LogPosition } from '../../../src/shows/core/show-log.js';
import type { StoredShow } from '../../../src/shows/core/show-state.js';
import {
  CommitInDoubtError,
  type LockedShow,
  LockTimeoutError,
  type ShowCommit,
  type ShowStore,
  type ShowTransaction,
} from '../../../src/shows/store/show-store.js';
import { InjectedFault, TableGuardError } from '../engine/simulated-errors.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import { copied, type SimulatedTables } from './simulated-tables.js';

/** How long a transaction waits for a show's lock, in ms of the database's clock. */
const lockTimeoutMs = 2000;

/** What protects the tables. The simulation leaves protections out to see that the damage is found. */
export interface Protections {
  /** The ledger row's lock excludes others. */
  readonly lock: boolean;
  /** Primary keys and row counts refuse what does not fit. */
  readonly guards: boolean;
}

/** Who is told of what happens in the database, and decides what fails in it. */
export interface DatabaseObserver {
  /** Called at the moment at which a commit happens. */
  readonly committed: (commit: ShowCommit) => void;
  readonly saw: (what: string) => void;
  /** Whether a statement is cut off now; the connection and the lock stay. */
  readonly cutsOff: () => boolean;
}

/** The database that all simulated nodes share: committed tables, locks, connections that break, a clock. */
export class SimulatedDatabase {
  /** False: nothing can be begun or read. */
  isUp = true;
  readonly transactions = new Set<SimulatedTransaction>();
  private readonly lockHolders = new Map<number, SimulatedTransaction>();

  /** @param now ms since 1970; time passes only when the simulation says so */
  constructor(
    readonly scheduler: Scheduler,
    readonly shows: ReadonlyMap<number, SimulatedTables>,
    readonly protections: Protections,
    public now: number,
    readonly observer: DatabaseObserver,
  ) {}

  /** The store as one node sees it; what it waits for dies with `node`. */
  connect(node: object): ShowStore {
    return {
      load: (showId) => this.call(node, `load ${showId}`, (): StoredShow => this.tables(showId).load(this.now)),
      entriesAfter: (showId, position) =>
        this.call(node, `read log of ${showId}`, () => this.tables(showId).entriesSince(position)),
      begin: (showId) =>
        this.call(node, `begin on ${showId}`, () => {
          const transaction = new SimulatedTransaction(this, node, showId);
          this.transactions.add(transaction);
          return transaction;
        }),
    };
  }

  /** The shows with due holds, as every node asks again and again. */
  dueShows(node: object): Promise<number[]> {
    return this.call(node, 'due shows', () =>
      [...this.shows].flatMap(([showId, tables]) => (tables.hasDueHolds(this.now) ? [showId] : [])),
    );
  }

  /** Takes on the shows whose lines time gave something to do, as every node asks again and again. */
  claimLines(node: object): Promise<number[]> {
    return this.call(node, 'claim lines', () => {
      const due = [...this.shows].filter(([, { lines }]) => lines.dueAt !== null && lines.dueAt <= this.now);
      for (const [, { lines }] of due) lines.dueAt = this.now + 5000;
      return due.map(([showId]) => showId);
    });
  }

  /** When time gives a show's lines something to do, unless somebody committed after `seq`. */
  setLinesDue(node: object, showId: number, seq: number, dueAt: number | null): Promise<void> {
    return this.call(node, 'lines are due', () => {
      const tables = this.tables(showId);
      if (tables.seq === seq) tables.lines.dueAt = dueAt;
    });
  }

  /** How far the logs of all shows are. */
  seqs(node: object): Promise<Map<number, number>> {
    return this.call(node, 'seqs', () => new Map([...this.shows].map(([showId, { seq }]) => [showId, seq])));
  }

  /** What the catalog says of a show's terms otherwise than when it was planned, in a copy. */
  changedTermsOf(showId: number): Partial<ShowTerms> {
    return copied(this.tables(showId).changedTerms);
  }

  tables(showId: number): SimulatedTables {
    const tables = this.shows.get(showId);
    if (!tables) throw new Error(`there is no show ${showId}`);
    return tables;
  }

  canLock(showId: number): boolean {
    return !this.protections.lock || !this.lockHolders.has(showId);
  }

  takeLock(transaction: SimulatedTransaction): void {
    if (this.protections.lock) this.lockHolders.set(transaction.showId, transaction);
  }

  /** Makes a transaction's writes visible and lets go of its lock; both at once, as a commit does. */
  commit(transaction: SimulatedTransaction): void {
    const { written, showId } = transaction;
    this.end(transaction);
    if (!written) return;
    const tables = this.tables(showId);
    if (this.protections.guards) tables.guard(written);
    tables.apply(written);
    this.observer.committed(written);
  }

  /** Ends a transaction; what it wrote and did not commit is gone. */
  end(transaction: SimulatedTransaction): void {
    this.transactions.delete(transaction);
    if (this.lockHolders.get(transaction.showId) === transaction) this.lockHolders.delete(transaction.showId);
  }

  /** All connections break at once; each commit that is on its way happened or did not. */
  restart(random: Random): void {
    for (const transaction of this.transactions) {
      if (random.integer(2) === 0) transaction.commitIfSent();
      this.end(transaction);
      transaction.breakConnection('heard');
    }
  }

  /** A statement of its own connection: to the database, and its answer back, each when the seed says so. */
  call<T>(node: object, label: string, run: () => T): Promise<T> {
    const { scheduler } = this;
    return new Promise((resolve, reject) => {
      const answer = (go: () => void) => scheduler.add({ owner: node, label: `${label}: answer`, go });
      const go = () => {
        if (!this.isUp) return answer(() => reject(new InjectedFault('the database is away')));
        try {
          const result = run();
          answer(() => resolve(result));
        } catch (error) {
          answer(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      scheduler.add({ owner: node, label, go });
    });
  }
}

/** One transaction: its node's side sends statements and hears answers; the database's side outlives its node. */
export class SimulatedTransaction implements ShowTransaction {
  written: ShowCommit | null = null;
  private broken = false;
  private commitSent = false;
  /** Rejects the statement that was sent last; says nothing once that is answered. */
  private reject: ((error: Error) => void) | null = null;

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
        database.observer.saw('lock timed out');
        throw new LockTimeoutError(`show ${showId} stayed locked`);
      }
      database.takeLock(this);
      const tables = database.tables(showId);
      return { now: database.now, missed: tables.entriesSince(position) };
    };
    return this.call('lock', run, () => isFree() || isLate());
  }

  write(commit: ShowCommit): Promise<void> {
    return this.call('write', () => {
      if (this.database.observer.cutsOff()) throw new InjectedFault('the statement took too long');
      if (this.database.protections.guards) this.database.tables(this.showId).guard(commit);
      this.written = copied(commit);
    });
  }

  async commit(): Promise<void> {
    this.commitSent = true;
    try {
      await this.call('commit', () => this.database.commit(this));
    } catch (error) {
      this.database.observer.saw(`commit in doubt, ${this.hasEnded ? 'decided' : 'under way'}`);
      throw new CommitInDoubtError(`the commit of show ${this.showId} was not answered`, { cause: error });
    }
  }

  async rollback(): Promise<void> {
    if (this.broken) return;
    try {
      await this.call('rollback', () => this.database.end(this));
    } catch {
      // The connection is gone, and with it the transaction.
    }
  }

  /**
   * The connection breaks, and the node hears of it at once or died with it. The database notices when the seed says
   * so, and until then holds the lock; a commit that was sent races with that.
   */
  breakConnection(node: 'heard' | 'died'): void {
    const { scheduler } = this.database;
    this.broken = true;
    scheduler.drop(({ via, owner, label }) => {
      const isCommit = owner === this && label === this.label('commit');
      return via === this && (!isCommit || this.hasEnded);
    });
    if (node === 'heard') this.reject?.(new InjectedFault('the connection broke'));
    if (this.hasEnded) return;
    const go = () => {
      scheduler.drop(({ via }) => via === this);
      this.database.end(this);
    };
    scheduler.add({ owner: this, label: this.label('the database notices a broken connection'), go });
  }

  /** The database ends the transaction, as it does when a node freezes with a lock; the node hears of it later. */
  cutOff(): void {
    const { scheduler } = this.database;
    this.broken = true;
    scheduler.drop(({ via }) => via === this);
    this.database.end(this);
    const go = () => this.reject?.(new InjectedFault('the database cut the connection'));
    scheduler.add({ owner: this.node, label: this.label('hears that the connection is cut'), go });
  }

  get isBroken(): boolean {
    return this.broken;
  }

  /** Its commit was sent and not answered. */
  get isCommitting(): boolean {
    return this.commitSent && !this.broken;
  }

  /** The commit that was sent happens; one that the tables refuse does not. */
  commitIfSent(): void {
    if (!this.commitSent || this.hasEnded) return;
    try {
      this.database.commit(this);
    } catch (error) {
      if (!(error instanceof TableGuardError)) throw error;
    }
  }

  private get hasEnded(): boolean {
    return !this.database.transactions.has(this);
  }

  private label(what: string): string {
    return `${what} on ${this.showId}`;
  }

  private call<T>(what: string, run: () => T, ready: () => boolean = () => true): Promise<T> {
    const { scheduler } = this.database;
    const label = this.label(what);
    return new Promise((resolve, reject) => {
      if (this.broken) return reject(new InjectedFault('the connection is broken'));
      this.reject = reject;
      const answer = (go: () => void) => {
        if (!this.broken) scheduler.add({ owner: this.node, via: this, label: `${label}: answer`, go });
      };
      const go = () => {
        try {
          const result = run();
          answer(() => resolve(result));
        } catch (error) {
          answer(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      scheduler.add({ owner: this, via: this, label, ready, go });
    });
  }
}
