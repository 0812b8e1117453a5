import type { Random } from '../../../src/catalog/demo/random.js';
import type { UsedKey } from '../../../src/shows/core/model/booking-record.js';
import type { Outcome } from '../../../src/shows/core/commands/command.js';
import type { PartyRequest } from '../../../src/shows/core/model/waiter.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { SimulatedTables } from '../database/simulated-tables.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { Oracle } from '../oracle/oracle.js';
import { callerOf, sessions } from './simulated-buyers.js';
import type { SimulatedCalls } from './simulated-calls.js';

const defaultRequest: PartyRequest = { partySize: 2, tiers: null, kind: null };

/**
 * Simulates people in the lines for seats and for entry. They join, join again, leave, enter metered shows, and lose
 * their connections.
 */
export class SimulatedWaiters {
  /** The place in line with which each idempotency key was last answered. */
  private readonly keyPlaces = new Map<string, string>();

  constructor(
    private readonly random: Random,
    private readonly calls: SimulatedCalls,
    private readonly terms: readonly ShowTerms[],
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly oracle: Oracle,
  ) {}

  /** Lets a random session join a line of a show. The show decides whether that is the line for entry or for seats. */
  joinLine(node: SimulatedNode): void {
    const { terms, sessionId } = this.pickSession();
    const { showId } = terms;
    // There are only a few keys, so that sessions repeat them, sometimes with a request that differs from the first.
    const key = this.random.integer(3) === 0 ? `join ${this.random.integer(3)}` : null;
    const request = key !== null && this.random.integer(4) > 0 ? defaultRequest : this.randomRequest();
    const usedKey = key === null ? null : { key, bodyHash: JSON.stringify(request) };
    this.send(node, `${sessionId} joins a line of show ${showId}: ${JSON.stringify(request)} ${key}`, async () => {
      const command = { type: 'joinLine', sessionId, request, usedKey, ...callerOf(sessionId) } as const;
      const outcome = await node.submit(showId, command);
      this.checkOutcome(showId, sessionId, outcome, 'join');
      if (usedKey) this.checkKeyOutcome(showId, sessionId, usedKey, outcome);
    });
  }

  /** Lets a random session ask to enter a show. */
  requestEntry(node: SimulatedNode): void {
    const { terms, sessionId } = this.pickSession();
    const { showId } = terms;
    this.send(node, `${sessionId} enters show ${showId}`, async () => {
      const outcome = await node.submit(showId, { type: 'enter', sessionId, ...callerOf(sessionId) });
      this.checkOutcome(showId, sessionId, outcome, 'enter');
    });
  }

  /** Lets a session pass the challenge of a show. In two of three cases, it is a session that waits for seats. */
  passChallenge(node: SimulatedNode): void {
    const { random } = this;
    const { terms, sessionId: anySession } = this.pickSession();
    const { showId } = terms;
    const waiting = this.linesOf(showId).waiting('seats');
    const sessionId = waiting.length > 0 && random.integer(3) > 0 ? random.pick(waiting).sessionId : anySession;
    this.send(node, `${sessionId} passes the challenge of show ${showId}`, async () => {
      await node.submit(showId, { type: 'passChallenge', sessionId });
      this.calls.countEvent('passChallenge: done');
    });
  }

  /** Lets a session leave a line or a show. In two of three cases, it is a session that waits or is inside. */
  leaveLine(node: SimulatedNode): void {
    const { random } = this;
    const { terms, sessionId: anySession } = this.pickSession();
    const { showId } = terms;
    const { waiters, stays } = this.linesOf(showId);
    const present = [...waiters.filter(({ waits }) => waits), ...stays.filter(({ isInside }) => isInside)];
    const sessionId = present.length > 0 && random.integer(3) > 0 ? random.pick(present).sessionId : anySession;
    this.send(node, `${sessionId} leaves show ${showId}`, async () => {
      this.oracle.lines.recordLeave(showId, sessionId);
      await node.submit(showId, { type: 'leaveLine', sessionId });
      this.calls.countEvent('leaveLine: done');
    });
  }

  /**
   * Ends the stays of sessions whose sockets closed too long ago. The node's knowledge of a stay may be out of date.
   */
  endStays(node: SimulatedNode): void {
    const { random } = this;
    const meteredShows = this.terms.filter(({ waitingRoom }) => waitingRoom !== null);
    if (meteredShows.length === 0) return;
    const { showId } = random.pick(meteredShows);
    const rows = this.linesOf(showId).stays;
    if (rows.length === 0) return;
    const disconnected = rows.slice(-2 - random.integer(2)).filter(() => random.integer(2) === 0);
    const stays = disconnected.map(({ sessionId, admittedAt }) => ({
      sessionId,
      admittedAt,
      appeared: random.integer(2) === 0,
    }));
    const sessionIds = stays.map(({ sessionId }) => sessionId).join();
    this.send(node, `the sockets of ${sessionIds} in show ${showId} have closed`, async () => {
      for (const { sessionId } of stays) this.oracle.lines.recordLeave(showId, sessionId);
      await node.submit(showId, { type: 'endStays', sessions: stays });
      // A stay is identified by the commit that admitted the session, because a session may come back in the same
      // millisecond.
      const staysInside = new Set(
        this.linesOf(showId)
          .currentStays()
          .map(({ sessionId, seq }) => `${sessionId} ${seq}`),
      );
      const haveEnded = disconnected.every(({ sessionId, seq }) => !staysInside.has(`${sessionId} ${seq}`));
      this.oracle.expect('truthfulAnswer', haveEnded, `a node ended stays of show ${showId}, but they continue`);
      this.calls.countEvent('endStays: done');
    });
  }

  private send(node: SimulatedNode, label: string, serve: () => Promise<void>): void {
    // An answer that reports no effect proves nothing here, because an earlier call may have put the session in line.
    this.calls.send(node, label, serve, () => undefined);
  }

  private checkOutcome(showId: number, sessionId: string, outcome: Outcome, command: string): void {
    const { oracle } = this;
    this.calls.countEvent(`${command}: ${outcome.type === 'refused' ? outcome.error.code : outcome.type}`);
    if (outcome.type === 'inLine') oracle.lines.checkAcknowledgedPlace(oracle.checkedShow(showId), sessionId, outcome);
    if (outcome.type !== 'entered') return;
    // After the sale everybody may watch the show.
    const isTrue = oracle.lines.isOpenToAll(oracle.checkedShow(showId)) || this.canWatchShow(showId, sessionId);
    oracle.expect(
      'truthfulAnswer',
      isTrue,
      `a node told ${sessionId} that it is inside show ${showId}, but it never was`,
    );
  }

  /** Checks that all calls with one key get the same place as their answer, even after the wait has ended. */
  private checkKeyOutcome(showId: number, sessionId: string, { key, bodyHash }: UsedKey, outcome: Outcome): void {
    if (outcome.type !== 'inLine' && outcome.type !== 'repeatedPlace') return;
    const { line, lineTicket } = outcome.type === 'inLine' ? outcome.waiter : outcome;
    const name = `${showId} ${sessionId} ${key}`;
    const before = this.keyPlaces.get(name);
    const place = `${line} ${lineTicket} ${bodyHash}`;
    this.keyPlaces.set(name, place);
    const isSame = (before ?? place) === place;
    this.oracle.expect('keyHasOneEffect', isSame, `key ${name} was answered with ${before} and with ${place}`);
    const isOwn = this.linesOf(showId).waiters.some(
      (row) => row.line === line && row.lineTicket === lineTicket && row.sessionId === sessionId,
    );
    this.oracle.expect('keyHasOneEffect', isOwn, `key ${name} was answered with ${place} of another session`);
  }

  /** Returns whether a session has ever been inside the show, held seats of it, or waited for seats. */
  private canWatchShow(showId: number, sessionId: string): boolean {
    const { lines, bookings } = this.tables.get(showId)!;
    const rows = [...lines.stays, ...lines.waiters.filter(({ line }) => line === 'seats'), ...bookings.values()];
    return rows.some((row) => row.sessionId === sessionId);
  }

  private pickSession(): { terms: ShowTerms; sessionId: string } {
    return { terms: this.random.pick(this.terms), sessionId: this.random.pick(sessions) };
  }

  private randomRequest(): PartyRequest {
    const { random } = this;
    const tiers = random.pick([null, null, null, ['premium'], ['standard'], ['premium', 'standard'], ['royal']]);
    const kind = random.pick([null, null, null, null, null, null, 'wheelchair' as const]);
    return { partySize: kind ? 1 : 1 + random.integer(4), tiers, kind };
  }

  private linesOf(showId: number) {
    return this.tables.get(showId)!.lines;
  }
}
