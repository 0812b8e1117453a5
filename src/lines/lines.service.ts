import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Queue, type QueueBody, type QueueProof, proofPageEntriesMax, type LineName } from '@usher/contract';
import { toDomainError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import {
  commitmentOf,
  isShuffleDue,
  KeyedRefusals,
  type PartyWish,
  LineRepository,
  ReceiptSigner,
  ShowsService,
  toQueue,
  type Waiter,
} from '../shows/index.js';
import { HeldReads } from './held-reads.service.js';

/** A read that may be held open. */
interface Wait {
  readonly ms: number;
  /** How many were ahead as far as the caller knows; null: as many as now. */
  readonly ahead: number | null;
  /** Ends the wait: nobody is there any longer to be answered. */
  readonly gone: AbortSignal;
}

/** Standing in line: the rules of both transports. */
@Injectable()
export class QueueService {
  /** Only of refusals: a key that was answered with a place is in the tables. */
  private readonly refusals = new KeyedRefusals();

  constructor(
    private readonly shows: ShowsService,
    private readonly lines: LineRepository,
    private readonly signer: ReceiptSigner,
    private readonly reads: HeldReads,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * A place in the show's line; the one that the session has already, if it has one.
   *
   * @param key the idempotency key or null: the same key gets the same place, also once it was served or left
   * @throws DomainError
   */
  async join(showId: number, sessionId: string, body: QueueBody, key: string | null): Promise<Queue> {
    const wish = toWish(body);
    const usedKey = key === null ? null : { key, bodyHash: hashOf(showId, wish) };
    const call = usedKey && { showId, sessionId, usedKey };
    if (call) this.refusals.throwAgain(call);
    const outcome = await this.shows.submit(showId, { type: 'joinLine', sessionId, wish, usedKey });
    if (call) this.refusals.remember(call, outcome);
    const { terms, state } = await this.shows.lane(showId);
    switch (outcome.type) {
      case 'inLine':
        return toQueue(terms, state, outcome.waiter, outcome.at, this.clock.now());
      case 'repeatedPlace':
        return toQueue(terms, state, await this.waiter(showId, outcome), outcome.at, this.clock.now());
      case 'refused':
        throw toDomainError(outcome.error);
    }
  }

  /** Leaves the line, or the show where entry is metered. @throws DomainError `NOT_FOUND`, `BUSY` */
  async leave(showId: number, sessionId: string): Promise<void> {
    const lane = await this.shows.lane(showId);
    const isThere = () => lane.busy || lane.state.standing.has(sessionId) || lane.state.inside.shoppers.has(sessionId);
    // Who never stood there need not cost the lane a batch: unless a join is under way, here or on another node. Asked at
    // once, so that calls of one client are decided in the order in which it sent them.
    if (isThere() || (await this.shows.outdated([lane])).length > 0 || isThere()) {
      await lane.submit({ type: 'leaveLine', sessionId });
    }
  }

  /** The session's place in line or null; held open until it changes. @throws DomainError `NOT_FOUND` */
  async read(showId: number, sessionId: string, { ms, ahead, gone }: Wait): Promise<Queue | null> {
    await this.shows.readOn(showId);
    const first = await this.shows.queueOf(showId, sessionId);
    if (!first || ms === 0 || (ahead !== null && first.ahead !== ahead)) return first;
    await this.reads.hold(showId, sessionId, {
      ms,
      gone,
      hasChanged: async () => isOther(first, await this.shows.queueOf(showId, sessionId)),
    });
    return this.shows.queueOf(showId, sessionId);
  }

  private async waiter(showId: number, { line, ticket }: Pick<Waiter, 'line' | 'ticket'>): Promise<Waiter> {
    const waiter = await this.lines.waiter(showId, line, ticket);
    if (!waiter) throw new Error(`ticket ${ticket} of the line ${line} of show ${showId} has no row`);
    return waiter;
  }

  /** One page of a line's proof. @throws DomainError `NOT_FOUND` */
  async proof(showId: number, name: LineName, after: number): Promise<QueueProof> {
    const lane = await this.shows.lane(showId);
    const { terms } = lane;
    // Nothing else sees to a lobby that nobody came to.
    if (isShuffleDue(lane.state, terms, this.clock.now())) await lane.submit({ type: 'tick' });
    const { publicKey } = await this.signer.ready();
    const { seed, lobbySize, entries } = await this.lines.chain(showId, name, after, proofPageEntriesMax + 1);
    const hasLobby = lobbySize !== null || (terms.waitingRoom !== null && terms.saleOpensAt !== null);
    const chain = entries
      .slice(0, proofPageEntriesMax)
      .map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
    return {
      algorithm: 'usher-line-1',
      publicKey,
      commitment: hasLobby && seed !== null ? commitmentOf(seed) : null,
      seed: lobbySize === null ? null : seed,
      lobbySize: lobbySize ?? lane.state.lines[name].lobbyReceipts.length,
      chain,
      nextCursor: entries.length > proofPageEntriesMax ? String(chain.at(-1)?.n) : null,
    };
  }
}

const isOther = (before: Queue, now: Queue | null): boolean =>
  now?.ahead !== before.ahead || now.place !== before.place || now.chance !== before.chance;

function toWish({ partySize, tiers, kind }: QueueBody): PartyWish {
  return { partySize, tiers: tiers ? [...new Set(tiers)].toSorted() : null, kind: kind ?? null };
}

// Fields in a fixed order: the same request hashes alike, however a client orders its JSON and over either transport.
const hashOf = (showId: number, { partySize, tiers, kind }: PartyWish): string =>
  createHash('sha256')
    .update(JSON.stringify([showId, 'queue', partySize, tiers, kind]))
    .digest('base64url');
