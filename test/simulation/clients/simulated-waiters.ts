import type { Random } from '../../../src/catalog/demo/random.js';
import type { UsedKey } from '../../../src/shows/core/booking-record.js';
import type { Outcome, TermsPatch } from '../../../src/shows/core/command.js';
import type { PartyWish } from '../../../src/shows/core/line/waiter.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { Oracle } from '../oracle/oracle.js';
import { sessions } from './simulated-buyers.js';
import type { SimulatedCalls } from './simulated-calls.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { SimulatedTables } from '../database/simulated-tables.js';

const plainWish: PartyWish = { partySize: 2, tiers: null, kind: null };

/** People who stand in line: for seats, for entry, twice, half-heartedly, or until their connection is lost. */
export class SimulatedWaiters {
  /** What idempotency keys were answered with. */
  private readonly keyPlaces = new Map<string, string>();

  constructor(
    private readonly random: Random,
    private readonly calls: SimulatedCalls,
    private readonly terms: readonly ShowTerms[],
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly oracle: Oracle,
  ) {}

  /** Somebody joins a line of a show: the one for entry, or the one for seats. */
  join(node: SimulatedNode): void {
    const { terms, sessionId } = this.somebody();
    const { showId } = terms;
    // A few keys only, so that they come again, also with another wish.
    const key = this.random.integer(3) === 0 ? `join ${this.random.integer(3)}` : null;
    const wish = key !== null && this.random.integer(4) > 0 ? plainWish : this.wish();
    const usedKey = key === null ? null : { key, bodyHash: JSON.stringify(wish) };
    this.send(node, `${sessionId} joins a line of ${showId} ${JSON.stringify(wish)} ${key}`, async () => {
      const outcome = await node.submit(showId, { type: 'joinLine', sessionId, wish, usedKey });
      this.answered(showId, sessionId, outcome, 'join');
      if (usedKey) this.keyAnswered(showId, sessionId, usedKey, outcome);
    });
  }

  /** Somebody wants to come in. */
  enter(node: SimulatedNode): void {
    const { terms, sessionId } = this.somebody();
    const { showId } = terms;
    this.send(node, `${sessionId} enters ${showId}`, async () => {
      const outcome = await node.submit(showId, { type: 'enter', sessionId });
      this.answered(showId, sessionId, outcome, 'enter');
    });
  }

  /** Somebody leaves the line or the show; often it is one who stands there. */
  leave(node: SimulatedNode): void {
    const { random } = this;
    const { terms, sessionId: other } = this.somebody();
    const { showId } = terms;
    const { waiters, shoppers } = this.linesOf(showId);
    const there = [...waiters.filter(({ waits }) => waits), ...shoppers.filter(({ isInside }) => isInside)];
    const sessionId = there.length > 0 && random.integer(3) > 0 ? random.pick(there).sessionId : other;
    this.send(node, `${sessionId} leaves ${showId}`, async () => {
      this.oracle.lines.leaveAsked(showId, sessionId);
      await node.submit(showId, { type: 'leaveLine', sessionId });
      this.calls.saw('leaveLine: done');
    });
  }

  /** Somebody's sockets have been gone for too long; what is known of their stay may be old. */
  close(node: SimulatedNode): void {
    const { random } = this;
    const metered = this.terms.filter(({ waitingRoom }) => waitingRoom !== null);
    if (metered.length === 0) return;
    const { showId } = random.pick(metered);
    const { shoppers } = this.linesOf(showId);
    if (shoppers.length === 0) return;
    const gone = shoppers.slice(-2 - random.integer(2)).filter(() => random.integer(2) === 0);
    const stays = gone.map(({ sessionId, admittedAt }) => ({
      sessionId,
      admittedAt,
      appeared: random.integer(2) === 0,
    }));
    this.send(node, `${stays.map(({ sessionId }) => sessionId).join()} are gone from ${showId}`, async () => {
      for (const { sessionId } of stays) this.oracle.lines.leaveAsked(showId, sessionId);
      await node.submit(showId, { type: 'endStays', sessions: stays });
      // By the commit that let it in: a session may come back within the millisecond.
      const still = new Set(
        this.linesOf(showId)
          .inside()
          .map(({ sessionId, seq }) => `${sessionId} ${seq}`),
      );
      const isGone = gone.every(({ sessionId, seq }) => !still.has(`${sessionId} ${seq}`));
      this.oracle.expect(6, isGone, `stays of show ${showId} were ended and go on`);
      this.calls.saw('endStays: done');
    });
  }

  /** A show moves, or is sold at other prices or with another refund rule; who buys later buys by that. */
  changeTerms(node: SimulatedNode): void {
    const { random } = this;
    const { showId, rules, saleClosesAt, startsAt } = random.pick(this.terms);
    const other: readonly TermsPatch[] = [
      { prices: { standard: 900, premium: 1000 + random.integer(9) } },
      { startsAt: startsAt + random.integer(3) * 3_600_000, durationMs: 7_200_000 + random.integer(2), saleClosesAt },
      { rules: { ...rules, refunds: random.pick([null, { deadlineMinutes: random.integer(3), feeAmount: 100 }]) } },
    ];
    const terms = random.pick(other);
    this.send(node, `show ${showId} changes: ${JSON.stringify(terms)}`, async () => {
      const by = { keyId: null, name: node.name };
      await node.submit(showId, { type: 'changeTerms', terms, reason: 'a test', by });
      this.calls.saw('changeTerms: done');
    });
  }

  /** A show is called off. */
  callOff(node: SimulatedNode): void {
    const { showId } = this.random.pick(this.terms);
    this.send(node, `show ${showId} is called off`, async () => {
      await node.submit(showId, { type: 'callOff' });
      this.oracle.expect(
        6,
        this.linesOf(showId).calledOff,
        `show ${showId} was called off, and the tables do not know`,
      );
      this.calls.saw('callOff: done');
    });
  }

  private send(node: SimulatedNode, label: string, serve: () => Promise<void>): void {
    // Whoever is told that nothing was done may still stand in line from before: nothing follows from it.
    this.calls.make(node, label, serve, () => undefined);
  }

  private answered(showId: number, sessionId: string, outcome: Outcome, what: string): void {
    const { oracle } = this;
    this.calls.saw(outcome.type === 'refused' ? `${what}: ${outcome.error.code}` : `${what}: ${outcome.type}`);
    if (outcome.type === 'inLine') oracle.lines.acknowledged(oracle.show(showId), sessionId, outcome);
    if (outcome.type !== 'entered') return;
    // When the sale is over, whoever wants to may look.
    const wasInside = oracle.lines.isOpenToAll(oracle.show(showId)) || this.hasBeenInside(showId, sessionId);
    oracle.expect(6, wasInside, `${sessionId} was told to be inside ${showId} and never was`);
  }

  /** A key is answered with one place, whatever became of it. */
  private keyAnswered(showId: number, sessionId: string, { key, bodyHash }: UsedKey, outcome: Outcome): void {
    if (outcome.type !== 'inLine' && outcome.type !== 'repeatedPlace') return;
    const { line, ticket } = outcome.type === 'inLine' ? outcome.waiter : outcome;
    const name = `${showId} ${sessionId} ${key}`;
    const before = this.keyPlaces.get(name);
    const place = `${line} ${ticket} ${bodyHash}`;
    this.keyPlaces.set(name, place);
    this.oracle.expect(8, (before ?? place) === place, `key ${name} was answered with ${before} and with ${place}`);
    const isOwn = this.linesOf(showId).waiters.some(
      (row) => row.line === line && row.ticket === ticket && row.sessionId === sessionId,
    );
    this.oracle.expect(8, isOwn, `key ${name} was answered with ${place}, which is not the session's`);
  }

  private hasBeenInside(showId: number, sessionId: string): boolean {
    const { lines, bookings } = this.tables.get(showId)!;
    // Who holds seats or waits for some may look as well.
    const rows = [...lines.shoppers, ...lines.waiters.filter(({ line }) => line === 'seats'), ...bookings.values()];
    return rows.some((row) => row.sessionId === sessionId);
  }

  private somebody(): { terms: ShowTerms; sessionId: string } {
    return { terms: this.random.pick(this.terms), sessionId: this.random.pick(sessions) };
  }

  private wish(): PartyWish {
    const { random } = this;
    const tiers = random.pick([null, null, null, ['premium'], ['standard'], ['premium', 'standard'], ['royal']]);
    const kind = random.pick([null, null, null, null, null, null, 'wheelchair' as const]);
    return { partySize: kind ? 1 : 1 + random.integer(4), tiers, kind };
  }

  private linesOf(showId: number) {
    return this.tables.get(showId)!.lines;
  }
}
