import type { Random } from '../../../src/catalog/demo/random.js';
import type { TermsPatch } from '../../../src/shows/core/commands/command.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { SimulatedTables } from '../database/simulated-tables.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedCalls } from './simulated-calls.js';

/** Simulates the staff of a cinema, who change the terms of shows and call shows off. */
export class SimulatedStaff {
  constructor(
    private readonly random: Random,
    private readonly calls: SimulatedCalls,
    private readonly terms: readonly ShowTerms[],
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly oracle: Oracle,
  ) {}

  /** Changes the prices, the time or the refund rule of a show. Later reservations use the new terms. */
  changeTerms(node: SimulatedNode): void {
    const { random } = this;
    const { showId, rules, saleClosesAt, startsAt } = random.pick(this.terms);
    const patches: readonly TermsPatch[] = [
      { prices: { standard: 900, premium: 1000 + random.integer(9) } },
      { startsAt: startsAt + random.integer(3) * 3_600_000, durationMs: 7_200_000 + random.integer(2), saleClosesAt },
      { rules: { ...rules, refunds: random.pick([null, { deadlineMinutes: random.integer(3), feeAmount: 100 }]) } },
    ];
    const terms = random.pick(patches);
    this.send(node, `staff change show ${showId}: ${JSON.stringify(terms)}`, async () => {
      const by = { keyId: null, name: node.name };
      await node.submit(showId, { type: 'changeTerms', terms, reason: 'a test', by });
      this.calls.countEvent('changeTerms: done');
    });
  }

  /** Calls a show off. */
  callOff(node: SimulatedNode): void {
    const { showId } = this.random.pick(this.terms);
    this.send(node, `staff call off show ${showId}`, async () => {
      await node.submit(showId, { type: 'callOff' });
      const isCalledOff = this.tables.get(showId)!.lines.calledOff;
      const detail = `the node acknowledged that show ${showId} is called off, but the tables do not say so`;
      this.oracle.expect('truthfulAnswer', isCalledOff, detail);
      this.calls.countEvent('callOff: done');
    });
  }

  private send(node: SimulatedNode, label: string, serve: () => Promise<void>): void {
    // An answer that reports no effect proves nothing here, because another call may have made the same change.
    this.calls.send(node, label, serve, () => undefined);
  }
}
