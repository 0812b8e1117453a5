import { hash } from 'node:crypto';
import { type Random, seededRandom } from '../../src/catalog/demo/random.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import type { ShowCommit } from '../../src/shows/core/log/to-commit.js';
import { SimulatedAudience } from './clients/simulated-audience.js';
import { SimulatedBuyers } from './clients/simulated-buyers.js';
import { SimulatedCalls } from './clients/simulated-calls.js';
import { SimulatedStaff } from './clients/simulated-staff.js';
import { SimulatedWaiters } from './clients/simulated-waiters.js';
import { describeCommit } from './commit-text.js';
import { type DatabaseObserver, SimulatedDatabase } from './database/simulated-database.js';
import { SimulatedTables } from './database/simulated-tables.js';
import { RunRecord } from './engine/run-record.js';
import { Scheduler, settlePromises } from './engine/scheduler.js';
import { FaultInjector } from './fault-injector.js';
import { randomShows } from './fixtures/random-shows.js';
import { startAt } from './fixtures/small-show.js';
import { SimulatedMoney } from './money/simulated-money.js';
import { SimulatedNode } from './nodes/simulated-node.js';
import { SimulatedRelay } from './nodes/simulated-relay.js';
import { Oracle } from './oracle/oracle.js';
import { SimulatedClock } from './simulated-clock.js';
import type { SimulationOptions } from './simulation-options.js';

/** Number of shows in one run. */
const showsPerRun = 3;

/** Number of rounds after which all money must be settled. */
const moneyRoundsMax = 400;

/** Number of rounds after which all messages must have arrived. */
const settleRoundsMax = 20_000;

/** Everything that one run simulates: clients, nodes, the database, and the oracle that watches them. */
export class SimulatedWorld {
  readonly oracle: Oracle;
  readonly record = new RunRecord();
  private readonly random: Random;
  private readonly scheduler: Scheduler;
  private readonly terms: ReadonlyMap<number, ShowTerms>;
  private readonly tables: ReadonlyMap<number, SimulatedTables>;
  private readonly database: SimulatedDatabase;
  private readonly clock: SimulatedClock;
  private readonly calls: SimulatedCalls;
  private readonly buyers: SimulatedBuyers;
  private readonly waiters: SimulatedWaiters;
  private readonly staff: SimulatedStaff;
  private readonly nodes: SimulatedNode[];
  private readonly relay: SimulatedRelay;
  private readonly audience: SimulatedAudience;
  private readonly money: SimulatedMoney | null;
  private readonly faults: FaultInjector;
  /** Number of faults per 1,000 steps. Some runs have no faults, others have many. */
  private readonly faultRate: number;
  private startedNodes = 0;

  constructor(
    seed: string,
    private readonly options: SimulationOptions,
  ) {
    const random = seededRandom(seed);
    this.random = random;
    this.scheduler = new Scheduler(random);
    const shows = randomShows(random, showsPerRun, options.showIds ?? null).map((terms) =>
      options.money ? SimulatedMoney.withRefundFee(terms) : terms,
    );
    this.terms = new Map(shows.map((terms) => [terms.showId, terms]));
    this.tables = new Map(
      shows.map(({ showId, layout }) => [
        showId,
        new SimulatedTables(layout.seatCount, hash('sha256', `${seed} ${showId}`)),
      ]),
    );
    const now = () => this.database.now;
    const { countEvent } = this.record;
    this.oracle = new Oracle(this.terms, this.tables, now, countEvent, options.ignoredPromises);
    const protections = options.protections ?? { hasLock: true, hasConstraints: true };
    this.database = new SimulatedDatabase(this.scheduler, this.tables, protections, startAt, this.databaseObserver());
    this.calls = new SimulatedCalls(this.scheduler, this.oracle, countEvent);
    this.buyers = new SimulatedBuyers(random, this.calls, shows, this.oracle);
    this.waiters = new SimulatedWaiters(random, this.calls, shows, this.tables, this.oracle);
    this.staff = new SimulatedStaff(random, this.calls, shows, this.tables, this.oracle);
    const startNode = () => this.startNode();
    this.nodes = Array.from({ length: 1 + random.integer(3) }, startNode);
    this.relay = new SimulatedRelay(random, this.nodes);
    this.audience = new SimulatedAudience(random, this.scheduler, this.terms.keys(), this.nodes, now);
    this.faultRate = random.pick([0, 5, 20, 60]);
    this.money = options.money
      ? new SimulatedMoney(random, this.database, this.calls, this.oracle, this.nodes, options.money)
      : null;
    const paymentDueTimes = () => this.money?.dueTimes() ?? [];
    this.clock = new SimulatedClock(random, this.database, this.terms, this.tables, paymentDueTimes);
    const { scheduler, database, calls, relay, audience, nodes } = this;
    const showIds = [...this.terms.keys()];
    this.faults = new FaultInjector({
      random,
      scheduler,
      database,
      calls,
      relay,
      audience,
      nodes,
      showIds,
      startNode,
      countEvent,
    });
  }

  /** True while the run has broken no promise. */
  get isGood(): boolean {
    return this.oracle.violations.length === 0;
  }

  /** Runs one step that the seed picks, and then checks everything. */
  async runStep(): Promise<void> {
    this.record.addStep(await this.runRandomAction());
    await settlePromises();
    this.check();
  }

  /**
   * Stops new orders and faults, and lets all messages arrive. Then ends due holds and sends two heartbeats. Within
   * five seconds every viewer must see the state of the tables.
   */
  async settle(): Promise<void> {
    this.audience.isLossy = false;
    this.database.isUp = true;
    if (this.money) this.money.provider.isLossy = false;
    await this.deliverAll();
    if (this.random.integer(2) === 0) this.database.now += 60_000;
    await this.processDueWork();
    if (this.money) await this.settleMoney(this.money);
    // Together, two heartbeats and a viewer's wait for a missing diff take less than five seconds.
    for (const heartbeat of [1, 2]) {
      this.record.addStep(`settling, heartbeat ${heartbeat}`);
      this.database.now += 2000;
      for (const node of this.nodes) this.sendHeartbeat(node);
      await this.deliverAll();
      this.database.now += 300;
      for (const showId of this.terms.keys()) this.audience.sendDueRequests(showId);
      await this.deliverAll();
    }
    await this.processDueWork();
    if (this.isGood) await this.checkFinalState();
  }

  /** Moves the clock and lets the nodes process payments until all money is settled. */
  private async settleMoney(money: SimulatedMoney): Promise<void> {
    for (let round = 0; money.isUnsettled && this.isGood && round < moneyRoundsMax; round++) {
      this.database.now = Math.max(this.database.now + 1000, Math.min(...money.dueTimes()));
      for (const node of this.nodes) money.processDueRows(node);
      await this.deliverAll();
      await this.processDueWork();
    }
    if (this.isGood) money.checkFinalBalance();
  }

  /** Runs an action that the seed picks. Returns the description of the action. */
  private async runRandomAction(): Promise<string> {
    const { random, buyers, clock, faults } = this;
    this.relay.deliverOne();
    // Faults are rarer while the database is down. Otherwise a fault would remove every lane before that lane could
    // give up on a commit in doubt.
    const faultRate = this.database.isUp ? this.faultRate : this.faultRate / 5;
    if (random.integer(1000) < faultRate) return faults.injectFault();
    const restored = faults.restoreDatabaseIfDue();
    if (restored !== null) return restored;
    clock.countStep();
    if (this.money && random.integer(12) === 0) return this.money.runRandomAction(random.pick(this.nodes));
    // A payment needs many messages. Other actions are rarer here, so that some payments finish before their hold
    // expires.
    if (this.money && random.integer(3) > 0) return this.deliverOne();
    const chance = random.integer(100);
    if (chance < 64) return this.deliverOne();
    const node = random.pick(this.nodes);
    if (chance < 72) return perform('a buyer orders seats', () => buyers.placeOrder(node));
    if (chance < 74) return perform('a buyer repeats an order', () => buyers.repeatOrder(node));
    if (chance < 76) return perform('a buyer releases a hold', () => buyers.releaseHold(node));
    if (chance < 85) return this.runRandomLineAction(node);
    if (chance < 90)
      return clock.isStandingStill ? perform('a buyer orders seats', () => buyers.placeOrder(node)) : clock.advance();
    if (chance < 92) return perform(`${node.name} expires due holds`, () => this.expireDueHolds(node));
    if (chance < 94) return perform(`${node.name} ticks the lines`, () => this.tickLines(node));
    if (chance < 96) return perform(`${node.name} sends a heartbeat`, () => this.sendHeartbeat(node));
    const showId = random.pick([...this.terms.keys()]);
    this.audience.sendDueRequests(showId);
    return `the viewers of show ${showId} send their requests`;
  }

  private runRandomLineAction(node: SimulatedNode): string {
    const { random, waiters, staff } = this;
    const chance = random.integer(100);
    if (chance < 48) return perform('a session joins a line', () => waiters.joinLine(node));
    if (chance < 50) return perform('a session passes the challenge', () => waiters.passChallenge(node));
    if (chance < 75) return perform('a session asks to enter', () => waiters.requestEntry(node));
    if (chance < 85) return perform('a session leaves', () => waiters.leaveLine(node));
    if (chance < 95) return perform('the sockets of sessions close', () => waiters.endStays(node));
    if (chance < 98) return perform('staff change a show', () => staff.changeTerms(node));
    return perform('staff call a show off', () => staff.callOff(node));
  }

  /** Delivers one message. If no message is ready, moves the clock. */
  private async deliverOne(): Promise<string> {
    return (await this.scheduler.runOne()) ?? this.clock.advance();
  }

  private startNode(): SimulatedNode {
    const { database, terms, oracle, options } = this;
    return new SimulatedNode(`node-${this.startedNodes++}`, this.random.integer(600) - 300, {
      database,
      terms,
      oracle,
      plantStoreBug: options.plantStoreBug ?? ((store) => store),
      plantTermsBug: options.plantTermsBug ?? ((unchanged) => unchanged),
      plantLaneBug: options.plantLaneBug ?? (() => undefined),
      broadcast: (node, advance) => {
        this.audience.broadcast(node, options.plantBroadcastBug?.(advance) ?? advance);
        this.relay.send(node, advance);
      },
      countEvent: this.record.countEvent,
    });
  }

  private databaseObserver(): DatabaseObserver {
    const { countEvent } = this.record;
    return {
      onCommit: (commit) => this.observeCommit(commit),
      shouldCancelStatement: () => this.audience.isLossy && this.random.integer(1000) < this.faultRate,
      countEvent,
    };
  }

  private observeCommit(commit: ShowCommit): void {
    this.record.addStep(describeCommit(commit));
    for (const { status } of commit.ended) this.record.countEvent(`hold ${status}`);
    for (const booking of commit.added) if (booking.lineTicket !== null) this.buyers.addOffer(commit.showId, booking);
    this.oracle.checkCommit(commit);
    this.money?.checkCommit(commit);
  }

  private sendHeartbeat(node: SimulatedNode): void {
    // The heartbeat fails if the database is down. The node then has nothing new to announce.
    this.audience.announceVersions(node, () => this.record.countEvent('heartbeat without the database'));
  }

  private expireDueHolds(node: SimulatedNode): void {
    node.expireDueHolds().catch(() => this.record.countEvent('poll without the database'));
  }

  private tickLines(node: SimulatedNode): void {
    node.tickLines().catch(() => this.record.countEvent('poll without the database'));
  }

  /** Lets all nodes expire due holds and tick the lines. */
  private async processDueWork(): Promise<void> {
    for (const node of this.nodes) this.expireDueHolds(node);
    await this.deliverAll();
    // Each node ticks twice, because the batch that draws a lobby admits nobody. The next batch admits the first
    // waiters.
    for (const node of [...this.nodes, ...this.nodes]) {
      this.tickLines(node);
      await this.deliverAll();
    }
  }

  /** Delivers all messages that are under way, and all messages that follow from them. */
  private async deliverAll(): Promise<void> {
    await settlePromises();
    for (let round = 0; this.scheduler.pendingCount > 0 && this.isGood; round++) {
      this.record.addStep(await this.deliverOne());
      await settlePromises();
      this.check();
      if (round > settleRoundsMax) this.oracle.expect('noInternalError', false, 'messages are under way forever');
    }
  }

  private check(): void {
    for (const node of this.nodes) for (const lane of node.openedLanes) this.oracle.checkLane(lane);
    this.audience.check(this.oracle);
  }

  private async checkFinalState(): Promise<void> {
    const { oracle, database } = this;
    for (const [showId, tables] of this.tables) {
      const hasDueHolds = tables.hasDueHolds(database.now);
      oracle.expect('holdDuration', !hasDueHolds, `holds of show ${showId} are due but have not expired`);
    }
    const unanswered = this.calls.unanswered.size;
    oracle.expect('noInternalError', unanswered === 0, `${unanswered} calls were never answered`);
    for (const lane of this.nodes.flatMap(({ openedLanes }) => openedLanes)) {
      oracle.expect('noInternalError', !lane.isBusy, `a lane of show ${lane.terms.showId} stays busy forever`);
    }
    this.audience.checkFinalState(oracle, this.tables);
    await oracle.checkFinalState();
  }
}

/** Runs an action and returns its description for the trace. */
function perform(text: string, action: () => void): string {
  action();
  return text;
}
