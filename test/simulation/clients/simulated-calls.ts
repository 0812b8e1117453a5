import { OutcomeUnknownError } from '../../../src/shows/lane/commit-in-doubt.js';
import type { Scheduler } from '../engine/scheduler.js';
import { isNoEffectError, type SimulatedNode } from '../nodes/simulated-node.js';
import type { Oracle } from '../oracle/oracle.js';

/** Sends the calls of clients to nodes. The seed decides when each call arrives. */
export class SimulatedCalls {
  /** Calls to living nodes that have not been answered yet. Some are still on their way. */
  readonly unanswered = new Map<object, SimulatedNode>();
  private sentCount = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly oracle: Oracle,
    readonly countEvent: (event: string) => void,
  ) {}

  /** A number that no earlier call has used. */
  get nextNumber(): number {
    return this.sentCount;
  }

  /** Sends a call to a node. @param onNoEffect runs if the node answers that the call had no effect */
  send(node: SimulatedNode, label: string, serve: () => Promise<void>, onNoEffect: () => void): void {
    const call = {};
    this.sentCount++;
    this.unanswered.set(call, node);
    const run = () => {
      void serve()
        .catch((error: unknown) => this.handleError(error, onNoEffect))
        .then(() => this.unanswered.delete(call));
    };
    this.scheduler.schedule({ owner: node, label: `${node.name}: ${label}`, run });
  }

  /** Discards the calls to a node that died, because a dead node never answers. */
  discardCallsTo(deadNode: SimulatedNode): void {
    for (const [call, node] of this.unanswered) if (node === deadNode) this.unanswered.delete(call);
  }

  private handleError(error: unknown, onNoEffect: () => void): void {
    if (isNoEffectError(error)) {
      onNoEffect();
      this.countEvent('answered BUSY');
    } else if (error instanceof OutcomeUnknownError) this.countEvent('answered unknown');
    else this.oracle.expect('noInternalError', false, `a call failed: ${String(error)}`);
  }
}
