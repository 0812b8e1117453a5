import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type LineName, proofPageEntriesMax, type Queue, type QueueBody, type QueueProof } from '@usher/contract';
import type { Buyer } from '../access/index.js';
import { Admission, BuyerCommands } from '../admission/index.js';
import { DomainError, toDomainError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import {
  commitmentOf,
  KeyedRefusals,
  LineRepository,
  type Origin,
  type PartyRequest,
  ReceiptSigner,
  ShowsService,
  type Waiter,
} from '../shows/index.js';
import { HeldReads } from './held-reads.service.js';
import { LinePlaces } from './line-places.service.js';

/** A call that joins a line. */
interface JoinCall {
  readonly showId: number;
  readonly buyer: Buyer;
  readonly body: QueueBody;
  /**
   * The idempotency key. A repeated call with this key gets the same place, even after the line has served that place.
   */
  readonly key: string | null;
  /** The socket that sent the call; null for REST. */
  readonly origin: Origin | null;
}

/** Options of a read that stays open until the place changes. */
interface HeldRead {
  readonly ms: number;
  /**
   * The number of waiters ahead that the caller knows. If it differs from the present number, the read ends at once.
   * Null means that the caller knows the present number.
   */
  readonly ahead: number | null;
  /** Aborts when the caller disconnects. */
  readonly disconnected: AbortSignal;
}

/** Lets sessions join, leave and read lines, over sockets and over REST. */
@Injectable()
export class LinesService {
  /** The idempotency keys of refused joins. The keys of successful joins are in the tables. */
  private readonly refusals = new KeyedRefusals();

  constructor(
    private readonly shows: ShowsService,
    private readonly lines: LineRepository,
    private readonly places: LinePlaces,
    private readonly signer: ReceiptSigner,
    private readonly heldReads: HeldReads,
    private readonly clock: DatabaseClock,
    private readonly admission: Admission,
    private readonly commands: BuyerCommands,
  ) {}

  /** Gives the session a place in the show's line. A session that already waits keeps its place. @throws DomainError */
  async join({ showId, buyer, body, key, origin }: JoinCall): Promise<Queue> {
    const { sessionId } = buyer;
    const request = toPartyRequest(body);
    const usedKey = key === null ? null : { key, bodyHash: hashOf(showId, request) };
    const call = usedKey && { showId, sessionId, usedKey };
    if (call) this.refusals.throwAgain(call);
    // Another await would let a later `leave` of the same client reach the lane before this join.
    const admission = this.admission.admit({ action: 'join', showId, buyer, seatCount: body.partySize, seats: null });
    if (admission) await admission;
    const outcome = await this.commands.join({ showId, buyer, origin }, { request, usedKey });
    if (call) this.refusals.remember(call, outcome);
    const lane = await this.shows.lane(showId);
    switch (outcome.type) {
      case 'inLine':
        return this.places.atMoment(lane, outcome.waiter, outcome.at);
      case 'repeatedPlace':
        return this.places.atMoment(lane, await this.storedWaiter(showId, sessionId, outcome), outcome.at);
      case 'refused':
        throw toDomainError(outcome.error);
    }
  }

  /** Ends the session's wait or stay. @throws DomainError `NOT_FOUND`, `BUSY` */
  async leave(showId: number, sessionId: string): Promise<void> {
    const lane = await this.shows.lane(showId);
    // If a session neither waits nor has a stay, the lane needs no batch. But a join of the session may be pending on
    // this node or on another node. The first check follows the lookup of the lane without another await, so that calls
    // of one client are decided in the order in which they were sent.
    const mayBeThere = () => lane.isBusy || lane.waiterOf(sessionId) !== null || lane.isInside(sessionId);
    if (mayBeThere() || (await this.shows.outdatedShows([lane])).length > 0 || mayBeThere()) {
      await lane.submit({ type: 'leaveLine', sessionId });
    }
  }

  /**
   * Returns the session's place, or null. The read stays open until the place changes or its time is up.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async read(showId: number, sessionId: string, { ms, ahead, disconnected }: HeldRead): Promise<Queue | null> {
    await this.shows.catchUp(showId);
    const first = await this.places.find(showId, sessionId);
    if (!first || ms === 0 || (ahead !== null && first.ahead !== ahead)) return first;
    await this.heldReads.hold(showId, sessionId, {
      ms,
      disconnected,
      hasChanged: async () => isDifferent(first, await this.places.find(showId, sessionId)),
    });
    return this.places.find(showId, sessionId);
  }

  /** Returns one page of a line's proof. @throws DomainError `NOT_FOUND` */
  async proof(showId: number, line: LineName, after: number): Promise<QueueProof> {
    const lane = await this.shows.lane(showId);
    // If no session has joined a lobby, nothing but this read makes the lane draw it.
    if (lane.isShuffleDue(this.clock.now())) await lane.submit({ type: 'tick' });
    const { publicKey } = await this.signer.ready();
    const { seed, lobbySize, entries } = await this.lines.chain(showId, line, after, proofPageEntriesMax + 1);
    const { waitingRoom, saleOpensAt } = lane.terms;
    const hasLobby = lobbySize !== null || (waitingRoom !== null && saleOpensAt !== null);
    const chain = entries
      .slice(0, proofPageEntriesMax)
      .map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
    return {
      algorithm: 'usher-line-1',
      publicKey,
      commitment: hasLobby && seed !== null ? commitmentOf(seed) : null,
      seed: lobbySize === null ? null : seed,
      lobbySize: lobbySize ?? lane.lobbySizeOf(line),
      chain,
      nextCursor: entries.length > proofPageEntriesMax ? String(chain.at(-1)?.n) : null,
    };
  }

  /**
   * Returns the waiter whose key the session repeated.
   *
   * @throws DomainError `FORBIDDEN` if the data of the session was erased. A node may still remember the key for a day
   */
  private async storedWaiter(
    showId: number,
    sessionId: string,
    { line, lineTicket }: Pick<Waiter, 'line' | 'lineTicket'>,
  ): Promise<Waiter> {
    const waiter = await this.lines.waiter(showId, line, lineTicket);
    if (!waiter) throw new Error(`show ${showId}: line ticket ${lineTicket} of the line ${line} has no row`);
    if (waiter.sessionId !== sessionId)
      throw new DomainError('FORBIDDEN', 'This place in line belongs to another session.', {});
    return waiter;
  }
}

const isDifferent = (before: Queue, now: Queue | null): boolean =>
  now?.ahead !== before.ahead || now.place !== before.place || now.chance !== before.chance;

function toPartyRequest({ partySize, tiers, kind }: QueueBody): PartyRequest {
  return { partySize, tiers: tiers ? [...new Set(tiers)].toSorted() : null, kind: kind ?? null };
}

// The hash covers the fields in a fixed order. So equal requests have equal hashes, regardless of the order of the
// fields in the JSON, over sockets and over REST.
const hashOf = (showId: number, { partySize, tiers, kind }: PartyRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([showId, 'queue', partySize, tiers, kind]))
    .digest('base64url');
