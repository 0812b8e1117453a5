import type { Random } from '../../src/catalog/demo/random.js';
import type { SimulatedAudience } from './clients/simulated-audience.js';
import type { SimulatedCalls } from './clients/simulated-calls.js';
import type { SimulatedDatabase, SimulatedTransaction } from './database/simulated-database.js';
import type { Scheduler } from './engine/scheduler.js';
import type { SimulatedNode } from './nodes/simulated-node.js';
import type { SimulatedRelay } from './nodes/simulated-relay.js';

/** The parts of the simulated world that a fault can hit. */
export interface FaultTargets {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly database: SimulatedDatabase;
  readonly calls: SimulatedCalls;
  readonly relay: SimulatedRelay;
  readonly audience: SimulatedAudience;
  /** The living nodes. A crash replaces one of them. */
  readonly nodes: SimulatedNode[];
  readonly showIds: readonly number[];
  readonly startNode: () => SimulatedNode;
  readonly countEvent: (event: string) => void;
}

/**
 * Injects faults between two steps: it crashes nodes, breaks connections, stops the database, evicts lanes, and
 * disconnects viewers.
 */
export class FaultInjector {
  /** Number of steps until the database comes back. */
  private downSteps = 0;

  constructor(private readonly targets: FaultTargets) {}

  /** Injects one random fault. Returns its description for the trace. */
  injectFault(): string {
    const { random, database, nodes, showIds, audience } = this.targets;
    const node = random.pick(nodes);
    const isCommitting = [...database.transactions].some((transaction) => transaction.isCommitting);
    // While a commit is under way, half of the faults stop the database. Pure chance would produce this case too
    // rarely.
    const kind = isCommitting && random.integer(2) === 0 ? 75 : random.integer(100);
    if (kind < 30) return this.crash(node);
    if (kind < 65) return this.breakConnection();
    if (kind < 70) {
      database.restart(random);
      return 'the database restarts';
    }
    if (kind < 80) {
      database.restart(random);
      database.isUp = false;
      // Some outages last longer than a lane keeps asking whether its commit in doubt happened.
      this.downSteps = random.integer(500);
      return 'the database goes down';
    }
    if (kind < 90) {
      for (const showId of showIds) node.evictLane(showId);
      return `${node.name} evicts its lanes`;
    }
    return `${audience.disconnectOne(node)} loses its connection`;
  }

  /** Counts a step while the database is down. Returns a description if the database comes back now, otherwise null. */
  restoreDatabaseIfDue(): string | null {
    const { database } = this.targets;
    if (database.isUp || --this.downSteps > 0) return null;
    database.isUp = true;
    return 'the database is up again';
  }

  private breakConnection(): string {
    const { random } = this.targets;
    const transactions = this.breakableTransactions();
    if (transactions.length === 0) return 'there is no connection to break';
    const transaction = random.pick(transactions);
    if (random.integer(3) === 0) {
      transaction.terminate();
      return 'the database ends a connection';
    }
    transaction.breakConnection('nodeNotices');
    return 'a connection breaks';
  }

  /**
   * Returns the transactions whose connection can break. If some of them are committing, usually returns only those,
   * because a break does the most harm there.
   */
  private breakableTransactions(): SimulatedTransaction[] {
    const { random, database } = this.targets;
    const open = [...database.transactions].filter(({ isConnectionBroken }) => !isConnectionBroken);
    const committing = open.filter(({ isCommitting }) => isCommitting);
    return committing.length > 0 && random.integer(4) > 0 ? committing : open;
  }

  /**
   * Kills a node, which loses its memory, and starts a new node in its place. Messages that the dead node sent may
   * still arrive.
   */
  private crash(node: SimulatedNode): string {
    const { random, scheduler, database, calls, relay, audience, nodes, startNode, countEvent } = this.targets;
    scheduler.discard(({ owner }) => owner === node);
    scheduler.discard(({ carrier }) => carrier === node && random.integer(2) === 0);
    for (const transaction of database.transactions) {
      if (transaction.node === node && !transaction.isConnectionBroken) transaction.breakConnection('nodeDied');
    }
    calls.discardCallsTo(node);
    relay.discardMessagesTo(node);
    nodes[nodes.indexOf(node)] = startNode();
    audience.moveViewers(node, nodes);
    countEvent('crash');
    return `${node.name} dies`;
  }
}
