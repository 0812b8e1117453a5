import { Injectable } from '@nestjs/common';
import { InFlightCalls } from '../common/in-flight-calls.js';

/** Tells the parts of this node whether the node is draining, and counts the REST calls that it still has to answer. */
@Injectable()
export class NodeLifecycle {
  /** REST calls that this node has received and not answered yet. */
  readonly restCalls = new InFlightCalls();
  private readonly draining = new AbortController();

  /** Aborted when the node begins to drain. Work that waits for a change, such as a long poll, ends then. */
  get drainSignal(): AbortSignal {
    return this.draining.signal;
  }

  get isDraining(): boolean {
    return this.draining.signal.aborted;
  }

  /** Starts draining. From now on the node takes no new work and finishes the work that it has. */
  startDraining(): void {
    this.draining.abort();
  }
}
