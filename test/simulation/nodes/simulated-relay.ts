import type { Random } from '../../../src/catalog/demo/random.js';
import type { ShowAdvance } from '../../../src/shows/lane/show-advance.js';
import type { SimulatedNode } from './simulated-node.js';

/**
 * Carries commits between nodes, as `ShowRelay` does. Each commit reaches each other node once, twice, late or never.
 */
export class SimulatedRelay {
  private messages: { readonly to: SimulatedNode; readonly deliver: () => Promise<void> }[] = [];

  constructor(
    private readonly random: Random,
    private readonly nodes: readonly SimulatedNode[],
  ) {}

  /** Announces the commit of one node to the others. */
  send(from: SimulatedNode, { showId, committed }: ShowAdvance): void {
    if (!committed) return;
    for (const to of this.nodes) {
      const luck = this.random.integer(10);
      if (to === from || luck === 0) continue;
      const message = { to, deliver: () => to.receiveCommit(showId, committed) };
      this.messages.push(message, ...(luck === 1 ? [message] : []));
    }
  }

  /** Delivers one message in half of the calls. The seed picks the message, so messages arrive out of order. */
  deliverOne(): void {
    if (this.messages.length === 0 || this.random.integer(2) === 0) return;
    const [message] = this.messages.splice(this.random.integer(this.messages.length), 1);
    void message?.deliver();
  }

  /** Discards the messages to a node that died. */
  discardMessagesTo(node: SimulatedNode): void {
    this.messages = this.messages.filter(({ to }) => to !== node);
  }
}
