import { OutcomeUnknownError } from '../../../src/shows/lane/show-lane.js';
import type { Oracle } from '../oracle/oracle.js';
import type { Scheduler } from '../engine/scheduler.js';
import { isNothingDone, type SimulatedNode } from '../nodes/simulated-node.js';

/** What clients send to nodes, each at a moment that the seed decides, and what comes of it. */
export class SimulatedCalls {
  /** Calls that a living node has and has not answered. */
  readonly unanswered = new Map<object, SimulatedNode>();
  private made = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly oracle: Oracle,
    readonly saw: (what: string) => void,
  ) {}

  /** A number that no call had before. */
  get next(): number {
    return this.made;
  }

  /** @param nothingDone when the node answers that nothing was done */
  make(node: SimulatedNode, label: string, serve: () => Promise<void>, nothingDone: () => void): void {
    const call = {};
    this.made++;
    this.unanswered.set(call, node);
    const go = () => {
      void serve()
        .catch((error: unknown) => this.failed(error, nothingDone))
        .then(() => this.unanswered.delete(call));
    };
    this.scheduler.add({ owner: node, label: `${node.name}: ${label}`, go });
  }

  /** The node is dead: it answers none of its calls. */
  forget(node: SimulatedNode): void {
    for (const [call, by] of this.unanswered) if (by === node) this.unanswered.delete(call);
  }

  private failed(error: unknown, nothingDone: () => void): void {
    if (isNothingDone(error)) {
      nothingDone();
      this.saw('answered BUSY');
    } else if (error instanceof OutcomeUnknownError) this.saw('answered unknown');
    else this.oracle.expect('lane', false, `a call failed: ${String(error)}`);
  }
}
