import { type Random, seededRandom } from '../../src/catalog/demo/random.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';
import type { ShowAdvance } from '../../src/shows/show-lane.js';
import type { ShowCommit, ShowStore } from '../../src/shows/show-store.js';
import { Oracle, type Violation } from './oracle.js';
import { drained, Scheduler } from './scheduler.js';
import { SimulatedAudience } from './simulated-audience.js';
import { SimulatedBuyers } from './simulated-buyers.js';
import { type Protections, SimulatedDatabase, type SimulatedTransaction } from './simulated-database.js';
import { SimulatedNode } from './simulated-node.js';
import { SimulatedTables } from './simulated-tables.js';
import { smallShow, startAt } from './small-show.js';

/** How a run differs from the plain one. */
export interface SimulationOptions {
  readonly protections?: Protections;
  /** Puts a bug into the store of every node. */
  readonly spoil?: (store: ShowStore) => ShowStore;
  /** Puts a bug into what nodes tell viewers. */
  readonly spoilAdvance?: (advance: ShowAdvance) => ShowAdvance;
}

/** How a run ended. */
export interface SimulationResult {
  readonly seed: string;
  readonly steps: number;
  /** The first promises that were not kept; none in a good run. */
  readonly violations: readonly Violation[];
  /** What was done, the last thing last. */
  readonly trace: readonly string[];
  /** How often each kind of thing happened, so that a simulation that tests nothing is noticed. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Steps that the trace remembers. */
const traceMax = 60;

/** Rounds after which whatever is still under way will never come to an end. */
const settleMax = 20_000;

/**
 * Runs nodes, shows, buyers and viewers for so many steps, breaking things between any two of them, then lets
 * everything come to rest. All promises are checked after every step; the first that is not kept ends the run. The same
 * seed and number of steps give the same run.
 */
export async function simulate(
  seed: string,
  steps: number,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  const simulation = new Simulation(seed, options);
  for (let step = 0; step < steps && simulation.isGood; step++) await simulation.step();
  if (simulation.isGood) await simulation.settle();
  const { oracle, trace, seen } = simulation;
  return { seed, steps, violations: oracle.violations, trace, seen };
}

/** What a failed run is reported as: how to run it again, what broke, and what led to it. */
export const report = ({ seed, steps, violations, trace }: SimulationResult): string =>
  [
    `SIM_SEED=${seed} SIM_STEPS=${steps} npm run simulate`,
    ...violations.slice(0, 5).map(({ promise, what }) => `promise ${promise}: ${what}`),
    `the last ${trace.length} things that happened:`,
    ...trace,
  ].join('\n');

class Simulation {
  readonly oracle: Oracle;
  readonly trace: string[] = [];
  readonly seen = new Map<string, number>();
  private readonly random: Random;
  private readonly scheduler: Scheduler;
  private readonly database: SimulatedDatabase;
  private readonly buyers: SimulatedBuyers;
  private readonly nodes: SimulatedNode[];
  private readonly audience: SimulatedAudience;
  private readonly terms: ReadonlyMap<number, ShowTerms>;
  private readonly tables: ReadonlyMap<number, SimulatedTables>;
  /** Faults in a thousand steps: some runs are calm, some are not. */
  private readonly faultRate: number;
  private lives = 0;
  private awaySteps = 0;
  private stillSteps = 0;

  constructor(
    seed: string,
    private readonly options: SimulationOptions,
  ) {
    const random = seededRandom(seed);
    this.random = random;
    this.scheduler = new Scheduler(random);
    this.terms = new Map([
      [1, smallShow()],
      [2, smallShow({ showId: 2, rules: { singleSeatGap: 'soft', maxSeatsPerSession: 5, strictLine: false } })],
      [3, smallShow({ showId: 3, seatsMax: 4, saleClosesAt: startAt + 5000 + random.integer(30_000) })],
    ]);
    this.tables = new Map(
      [...this.terms].map(([showId, { layout }]) => [showId, new SimulatedTables(layout.seatCount)]),
    );
    this.oracle = new Oracle(this.terms, this.tables, () => this.database.now);
    const protections = options.protections ?? { lock: true, guards: true };
    const saw = (what: string) => this.saw(what);
    const observer = {
      committed: (commit: ShowCommit) => {
        for (const { status } of commit.ended) saw(`hold ${status}`);
        this.oracle.committed(commit);
      },
      cutsOff: () => this.audience.isLossy && this.random.integer(1000) < this.faultRate,
      saw,
    };
    this.database = new SimulatedDatabase(this.scheduler, this.tables, protections, startAt, observer);
    this.buyers = new SimulatedBuyers(random, this.scheduler, [...this.terms.values()], this.oracle, saw);
    this.nodes = Array.from({ length: 1 + random.integer(3) }, () => this.newNode());
    this.audience = new SimulatedAudience(
      random,
      this.scheduler,
      this.terms.keys(),
      this.nodes,
      () => this.database.now,
    );
    this.faultRate = random.pick([0, 5, 20, 60]);
  }

  get isGood(): boolean {
    return this.oracle.violations.length === 0;
  }

  /** One thing happens, whichever the seed says; then everything is looked at. */
  async step(): Promise<void> {
    this.note((await this.happening()) ?? 'nothing was ready');
    await drained();
    this.judge();
  }

  /**
   * No more orders and no more faults: all that is under way arrives, due holds are ended, beats are sent, and within
   * five seconds every viewer must see what the tables say.
   */
  async settle(): Promise<void> {
    this.audience.isLossy = false;
    this.database.isUp = true;
    await this.comeToRest();
    if (this.random.integer(2) === 0) this.database.now += 60_000;
    await this.lookEverywhere();
    // Two beats and what a viewer waits for a missing piece are less than five seconds.
    for (const beat of [1, 2]) {
      this.note(`settling, beat ${beat}`);
      this.database.now += 2000;
      for (const node of this.nodes) this.beat(node);
      await this.comeToRest();
      this.database.now += 300;
      for (const showId of this.terms.keys()) this.audience.act(showId);
      await this.comeToRest();
    }
    await this.lookEverywhere();
    if (this.isGood) this.judgeTheEnd();
  }

  private async happening(): Promise<string | null> {
    const { random, buyers } = this;
    // Fewer faults while the database is away: a lane must live to ask after its commit until it gives up.
    const faultRate = this.database.isUp ? this.faultRate : this.faultRate / 5;
    if (random.integer(1000) < faultRate) return this.breakSomething();
    if (!this.database.isUp && --this.awaySteps <= 0) {
      this.database.isUp = true;
      return 'the database is back';
    }
    this.stillSteps--;
    const chance = random.integer(100);
    if (chance < 68) return (await this.scheduler.resumeOne()) ?? this.passTime();
    const node = random.pick(this.nodes);
    if (chance < 78) return said('an order', buyers.order(node));
    if (chance < 81) return said('an order again', buyers.orderAgain(node));
    if (chance < 83) return said('a release', buyers.release(node));
    if (chance < 90) return this.stillSteps > 0 ? said('an order', buyers.order(node)) : this.passTime();
    if (chance < 93) return said(`${node.name} looks for due holds`, this.look(node));
    if (chance < 95) return said(`${node.name} beats`, this.beat(node));
    const showId = random.pick([...this.terms.keys()]);
    this.audience.act(showId);
    return `viewers of ${showId} look around`;
  }

  /** A moment, or up to just before, at or just after a time that matters. */
  private passTime(): string {
    const { random, database } = this;
    const running = [...this.tables.values()].flatMap(({ bookings }) => [...bookings.values()]);
    const moments = running.flatMap(({ status, expiresAt }) => (status === 'reserved' ? [expiresAt ?? 0] : []));
    const next = Math.min(...moments.filter((at) => at > database.now + 1)) - 1 + random.integer(3);
    const isJump = Number.isFinite(next) && random.integer(4) === 0;
    // Time enough for batches to be decided at that very millisecond.
    if (isJump) this.stillSteps = 20;
    database.now = isJump ? next : database.now + 1 + random.integer(150);
    return `the clock is at ${database.now - startAt} ms`;
  }

  private breakSomething(): string {
    const { random, database } = this;
    const node = random.pick(this.nodes);
    const isCommitting = [...database.transactions].some((transaction) => transaction.isCommitting);
    // The database goes away while a commit is on its way: too rare to be left to luck alone.
    const kind = isCommitting && random.integer(2) === 0 ? 75 : random.integer(100);
    if (kind < 30) return this.crash(node);
    if (kind < 65) {
      const open = this.openTransactions();
      if (open.length === 0) return 'no connection to break';
      const transaction = random.pick(open);
      if (random.integer(3) === 0) return said('a connection is cut', transaction.cutOff());
      return said('a connection breaks', transaction.breakConnection('heard'));
    }
    if (kind < 70) return said('the database restarts', database.restart(random));
    if (kind < 80) {
      database.restart(random);
      database.isUp = false;
      // Sometimes longer than a lane asks after a commit in doubt.
      this.awaySteps = random.integer(500);
      return 'the database is away';
    }
    if (kind < 90)
      return said(
        `${node.name} puts lanes away`,
        [...this.terms.keys()].forEach((id) => node.putAway(id)),
      );
    return `${this.audience.cutOff(node)} is cut off`;
  }

  /** Those that can break; only committing ones where there are any and the seed says so, for there it hurts most. */
  private openTransactions(): SimulatedTransaction[] {
    const open = [...this.database.transactions].filter(({ isBroken }) => !isBroken);
    const committing = open.filter(({ isCommitting }) => isCommitting);
    return committing.length > 0 && this.random.integer(4) > 0 ? committing : open;
  }

  /** A node dies with all it remembers; what it had said may still arrive or not. Another begins in its place. */
  private crash(node: SimulatedNode): string {
    const { random, scheduler, database, buyers } = this;
    scheduler.drop(({ owner }) => owner === node);
    scheduler.drop(({ via }) => via === node && random.integer(2) === 0);
    for (const transaction of database.transactions) {
      if (transaction.node === node && !transaction.isBroken) transaction.breakConnection('died');
    }
    for (const [call, by] of buyers.unanswered) if (by === node) buyers.unanswered.delete(call);
    this.nodes[this.nodes.indexOf(node)] = this.newNode();
    this.audience.leave(node, this.nodes);
    this.saw('crash');
    return `${node.name} dies`;
  }

  private newNode(): SimulatedNode {
    const { database, terms, oracle, options } = this;
    return new SimulatedNode(`node-${this.lives++}`, this.random.integer(600) - 300, {
      database,
      terms,
      oracle,
      spoil: options.spoil ?? ((store) => store),
      broadcast: (node, advance) => this.audience.broadcast(node, options.spoilAdvance?.(advance) ?? advance),
      saw: (what) => this.saw(what),
    });
  }

  private beat(node: SimulatedNode): void {
    // A node whose database is away has nothing new to tell.
    this.audience.beat(node, () => this.saw('a beat without the database'));
  }

  private look(node: SimulatedNode): void {
    node.endDueHolds().catch(() => this.saw('a look without the database'));
  }

  private async lookEverywhere(): Promise<void> {
    for (const node of this.nodes) this.look(node);
    await this.comeToRest();
  }

  private async comeToRest(): Promise<void> {
    await drained();
    for (let round = 0; this.scheduler.size > 0 && this.isGood; round++) {
      this.note((await this.scheduler.resumeOne()) ?? this.passTime());
      await drained();
      this.judge();
      if (round > settleMax) this.oracle.expect('lane', false, 'what is under way never comes to an end');
    }
  }

  private judge(): void {
    for (const node of this.nodes) for (const lane of node.opened) this.oracle.judgeLane(lane);
    this.audience.judge(this.oracle);
  }

  private judgeTheEnd(): void {
    const { oracle, database } = this;
    for (const [showId, tables] of this.tables) {
      oracle.expect(4, !tables.hasDueHolds(database.now), `holds of show ${showId} are due and not ended`);
    }
    oracle.expect(
      'lane',
      this.buyers.unanswered.size === 0,
      `${this.buyers.unanswered.size} calls were never answered`,
    );
    for (const lane of this.nodes.flatMap(({ opened }) => opened)) {
      oracle.expect('lane', !lane.busy, `a lane of show ${lane.terms.showId} never comes to rest`);
    }
    this.audience.judgeTheEnd(oracle, this.tables);
  }

  private note(what: string): void {
    this.trace.push(what);
    if (this.trace.length > traceMax) this.trace.shift();
  }

  private saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

const said = (what: string, _done: void): string => what;
