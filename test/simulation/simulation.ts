import { hash } from 'node:crypto';
import { type Random, seededRandom } from '../../src/catalog/demo/random.js';
import type { ShowChange } from '../../src/shows/core/show-log.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';
import type { ShowAdvance, ShowLane } from '../../src/shows/lane/show-lane.js';
import type { ShowCommit, ShowStore } from '../../src/shows/store/show-store.js';
import { type MoneySpoilers, SimulatedMoney } from './money/simulated-money.js';
import { Oracle } from './oracle/oracle.js';
import { drained, Scheduler } from './engine/scheduler.js';
import { SimulatedAudience } from './clients/simulated-audience.js';
import { SimulatedBuyers } from './clients/simulated-buyers.js';
import { SimulatedCalls } from './clients/simulated-calls.js';
import { type Protections, SimulatedDatabase, type SimulatedTransaction } from './database/simulated-database.js';
import { SimulatedNode } from './nodes/simulated-node.js';
import { SimulatedRelay } from './nodes/simulated-relay.js';
import { someShows } from './fixtures/random-shows.js';
import { SimulatedTables } from './database/simulated-tables.js';
import { SimulatedWaiters } from './clients/simulated-waiters.js';
import { startAt } from './fixtures/small-show.js';
import type { Violation } from './oracle/promises.js';

/** How a run differs from the plain one. */
export interface SimulationOptions {
  readonly protections?: Protections;
  /** Puts a bug into the store of every node. */
  readonly spoil?: (store: ShowStore) => ShowStore;
  /** Puts a bug into what nodes tell viewers. */
  readonly spoilAdvance?: (advance: ShowAdvance) => ShowAdvance;
  /** Puts a bug into what every node knows of the shows' rules. */
  readonly spoilTerms?: (terms: ShowTerms) => ShowTerms;
  /** Puts a bug into the lanes of every node. */
  readonly spoilLane?: (lane: ShowLane) => void;
  /** Buyers pay and want their money back; with bugs, if there are any. */
  readonly money?: MoneySpoilers;
  /** Only shows of these ids: see `simulated-shows.ts`. */
  readonly shows?: readonly number[];
  /** Promises that are not looked after, where a planted bug breaks others sooner. */
  readonly blindTo?: readonly Violation['promise'][];
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

/** Shows of one run. */
const showsInRun = 3;

/** The clock jumps no further at once. */
const farMs = 10 * 60_000;

/** Steps that the trace remembers. */
const traceMax = 60;

/** Rounds after which money that is not settled never will be. */
const moneyRoundsMax = 400;

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
  private readonly calls: SimulatedCalls;
  private readonly buyers: SimulatedBuyers;
  private readonly waiters: SimulatedWaiters;
  private readonly nodes: SimulatedNode[];
  private readonly audience: SimulatedAudience;
  private readonly relay: SimulatedRelay;
  private readonly money: SimulatedMoney | null;
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
    const plain = someShows(random, showsInRun, options.shows ?? null);
    const shows = options.money ? plain.map((terms) => SimulatedMoney.terms(terms)) : plain;
    this.terms = new Map(shows.map((terms) => [terms.showId, terms]));
    this.tables = new Map(
      shows.map(({ showId, layout }) => [
        showId,
        new SimulatedTables(layout.seatCount, hash('sha256', `${seed} ${showId}`)),
      ]),
    );
    const saw = (what: string) => this.saw(what);
    this.oracle = new Oracle(this.terms, this.tables, () => this.database.now, saw, options.blindTo);
    const protections = options.protections ?? { lock: true, guards: true };
    const observer = {
      committed: (commit: ShowCommit) => {
        this.note(told(commit));
        for (const { status } of commit.ended) saw(`hold ${status}`);
        for (const booking of commit.added) if (booking.ticket !== null) this.buyers.offered(commit.showId, booking);
        this.oracle.committed(commit);
        this.money?.committed(commit);
      },
      cutsOff: () => this.audience.isLossy && this.random.integer(1000) < this.faultRate,
      saw,
    };
    this.database = new SimulatedDatabase(this.scheduler, this.tables, protections, startAt, observer);
    this.calls = new SimulatedCalls(this.scheduler, this.oracle, saw);
    this.buyers = new SimulatedBuyers(random, this.calls, shows, this.oracle);
    this.waiters = new SimulatedWaiters(random, this.calls, shows, this.tables, this.oracle);
    this.nodes = Array.from({ length: 1 + random.integer(3) }, () => this.newNode());
    this.relay = new SimulatedRelay(random, this.nodes);
    this.audience = new SimulatedAudience(
      random,
      this.scheduler,
      this.terms.keys(),
      this.nodes,
      () => this.database.now,
    );
    this.faultRate = random.pick([0, 5, 20, 60]);
    const nodes = () => this.nodes;
    this.money = options.money
      ? new SimulatedMoney(random, this.database, this.calls, this.oracle, nodes, options.money)
      : null;
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
    if (this.money) this.money.provider.isLossy = false;
    await this.comeToRest();
    if (this.random.integer(2) === 0) this.database.now += 60_000;
    await this.lookEverywhere();
    if (this.money) await this.settleMoney(this.money);
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
    if (this.isGood) await this.judgeTheEnd();
  }

  /** Time passes and nodes look after payments until all money is settled. */
  private async settleMoney(money: SimulatedMoney): Promise<void> {
    for (let round = 0; money.isUnsettled && this.isGood && round < moneyRoundsMax; round++) {
      this.database.now = Math.max(this.database.now + 1000, Math.min(...money.dueTimes()));
      for (const node of this.nodes) money.drain(node);
      await this.comeToRest();
      await this.lookEverywhere();
    }
    if (this.isGood) money.judgeTheEnd();
  }

  private async happening(): Promise<string | null> {
    const { random, buyers } = this;
    this.relay.arrive();
    // Fewer faults while the database is away: a lane must live to ask after its commit until it gives up.
    const faultRate = this.database.isUp ? this.faultRate : this.faultRate / 5;
    if (random.integer(1000) < faultRate) return this.breakSomething();
    if (!this.database.isUp && --this.awaySteps <= 0) {
      this.database.isUp = true;
      return 'the database is back';
    }
    this.stillSteps--;
    if (this.money && random.integer(12) === 0) return this.money.act(random.pick(this.nodes));
    // A payment is many messages: with fewer other things to do, some are through before their hold has ended.
    if (this.money && random.integer(3) > 0) return (await this.scheduler.resumeOne()) ?? this.passTime();
    const chance = random.integer(100);
    if (chance < 64) return (await this.scheduler.resumeOne()) ?? this.passTime();
    const node = random.pick(this.nodes);
    if (chance < 72) return said('an order', buyers.order(node));
    if (chance < 74) return said('an order again', buyers.orderAgain(node));
    if (chance < 76) return said('a release', buyers.release(node));
    if (chance < 85) return this.standInLine(node);
    if (chance < 90) return this.stillSteps > 0 ? said('an order', buyers.order(node)) : this.passTime();
    if (chance < 92) return said(`${node.name} looks for due holds`, this.look(node));
    if (chance < 94) return said(`${node.name} tends the lines`, this.tend(node));
    if (chance < 96) return said(`${node.name} beats`, this.beat(node));
    const showId = random.pick([...this.terms.keys()]);
    this.audience.act(showId);
    return `viewers of ${showId} look around`;
  }

  private standInLine(node: SimulatedNode): string {
    const { random, waiters } = this;
    const chance = random.integer(100);
    if (chance < 50) return said('a joiner', waiters.join(node));
    if (chance < 75) return said('a visitor', waiters.enter(node));
    if (chance < 85) return said('a leaver', waiters.leave(node));
    if (chance < 95) return said('sockets are gone', waiters.close(node));
    if (chance < 98) return said('a show changes', waiters.changeTerms(node));
    return said('a show is called off', waiters.callOff(node));
  }

  /** A moment, or up to just before, at or just after a time that matters. */
  private passTime(): string {
    const { random, database } = this;
    const moments = [...this.tables].flatMap(([showId, tables]) => this.momentsOf(showId, tables));
    // Not to the end of a sale that lasts for a day: keys are forgotten by then.
    const ahead = moments.filter((at) => at > database.now + 1 && at < database.now + farMs);
    const next = Math.min(...ahead) - 1 + random.integer(3);
    const isJump = Number.isFinite(next) && random.integer(4) === 0;
    // Time enough for batches to be decided at that very millisecond.
    if (isJump) this.stillSteps = 20;
    database.now = isJump ? next : database.now + 1 + random.integer(150);
    return `the clock is at ${database.now - startAt} ms`;
  }

  /** The times that matter to a show. */
  private momentsOf(showId: number, { bookings, lines }: SimulatedTables): number[] {
    const terms = this.terms.get(showId);
    return [
      ...[...bookings.values()].flatMap(({ status, expiresAt }) => (status === 'reserved' ? (expiresAt ?? []) : [])),
      ...lines.waiters.flatMap(({ waits, expiresAt }) => (waits ? expiresAt : [])),
      ...lines.inside().map(({ until }) => until),
      ...lines.shoppers.slice(-8).map(({ admittedAt }) => admittedAt + 60_000),
      ...(this.money?.dueTimes() ?? []),
      ...(lines.dueAt === null ? [] : [lines.dueAt]),
      ...(lines.waiters.some(({ waits }) => waits) ? [terms?.saleOpensAt ?? 0, terms?.saleClosesAt ?? 0] : []),
    ];
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
    const { random, scheduler, database, calls } = this;
    scheduler.drop(({ owner }) => owner === node);
    scheduler.drop(({ via }) => via === node && random.integer(2) === 0);
    for (const transaction of database.transactions) {
      if (transaction.node === node && !transaction.isBroken) transaction.breakConnection('died');
    }
    calls.forget(node);
    this.relay.forget(node);
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
      spoilTerms: options.spoilTerms ?? ((of) => of),
      spoilLane: options.spoilLane ?? (() => undefined),
      broadcast: (node, advance) => {
        this.audience.broadcast(node, options.spoilAdvance?.(advance) ?? advance);
        this.relay.tell(node, advance);
      },
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

  private tend(node: SimulatedNode): void {
    node.tendLines().catch(() => this.saw('a look without the database'));
  }

  private async lookEverywhere(): Promise<void> {
    for (const node of this.nodes) this.look(node);
    await this.comeToRest();
    // Twice: who comes first of a lobby is known only after the batch that draws it.
    for (const node of [...this.nodes, ...this.nodes]) {
      this.tend(node);
      await this.comeToRest();
    }
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

  private async judgeTheEnd(): Promise<void> {
    const { oracle, database } = this;
    for (const [showId, tables] of this.tables) {
      oracle.expect(4, !tables.hasDueHolds(database.now), `holds of show ${showId} are due and not ended`);
    }
    oracle.expect('lane', this.calls.unanswered.size === 0, `${this.calls.unanswered.size} calls were never answered`);
    for (const lane of this.nodes.flatMap(({ opened }) => opened)) {
      oracle.expect('lane', !lane.busy, `a lane of show ${lane.terms.showId} never comes to rest`);
    }
    this.audience.judgeTheEnd(oracle, this.tables);
    await oracle.judgeTheEnd();
  }

  private note(what: string): void {
    this.trace.push(what);
    if (this.trace.length > traceMax) this.trace.shift();
  }

  private saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

/** A commit in a line of the trace. */
const told = ({ showId, entry: { seq, at, changes } }: ShowCommit): string =>
  [`commit ${seq} of ${showId} at ${at - startAt} ms:`, ...changes.map((change) => toldChange(change))].join('\n    ');

function toldChange(change: ShowChange): string {
  switch (change.type) {
    case 'reserved': {
      const { bookingId, sessionId, seats, ticket } = change.booking;
      return `${sessionId} holds ${seats.join()} as ${bookingId}${ticket === null ? '' : ` for ticket ${ticket}`}`;
    }
    case 'joined': {
      const { line, ticket, place, sessionId, partySize, tiers, kind } = change.waiter;
      return `${sessionId} joins ${line}, ticket ${ticket}, place ${place}: ${partySize} of ${tiers?.join('+')} ${kind}`;
    }
    case 'entered':
      return `${change.shopper.sessionId} enters with ticket ${change.shopper.ticket}`;
    default:
      return JSON.stringify(change);
  }
}

const said = (what: string, _done: void): string => what;
