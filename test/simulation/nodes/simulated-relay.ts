import type { Random } from '../../../src/catalog/demo/random.js';
import type { ShowAdvance } from '../../../src/shows/lane/show-lane.js';
import type { SimulatedNode } from './simulated-node.js';

/** What nodes tell each other, as `ShowRelay` does it: each commit comes to each other node once, twice, late or never. */
export class SimulatedRelay {
  private underWay: { readonly to: SimulatedNode; readonly hear: () => Promise<void> }[] = [];

  constructor(
    private readonly random: Random,
    private readonly nodes: readonly SimulatedNode[],
  ) {}

  /** A node moved on. */
  tell(from: SimulatedNode, { showId, committed }: ShowAdvance): void {
    if (!committed) return;
    for (const to of this.nodes) {
      const luck = this.random.integer(10);
      if (to === from || luck === 0) continue;
      const message = { to, hear: () => to.hear(showId, committed) };
      this.underWay.push(message, ...(luck === 1 ? [message] : []));
    }
  }

  /** Some message that is under way may arrive: not always the one that was sent first. */
  arrive(): void {
    if (this.underWay.length === 0 || this.random.integer(2) === 0) return;
    const [message] = this.underWay.splice(this.random.integer(this.underWay.length), 1);
    void message?.hear();
  }

  /** A node died, and with it what was on its way to it. */
  forget(node: SimulatedNode): void {
    this.underWay = this.underWay.filter(({ to }) => to !== node);
  }
}
