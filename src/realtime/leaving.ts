import { Injectable } from '@nestjs/common';
import { InFlightCalls } from '../common/in-flight-calls.js';

/** Whether this node is about to leave, and what it still has to answer. */
@Injectable()
export class Leaving {
  /** REST calls that are being answered. */
  readonly calls = new InFlightCalls();
  private readonly leaving = new AbortController();

  /** Aborted once the node leaves: it takes nothing new, and what waits for something to happen waits no longer. */
  get signal(): AbortSignal {
    return this.leaving.signal;
  }

  begin(): void {
    this.leaving.abort();
  }
}
