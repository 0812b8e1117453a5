import { hash } from 'node:crypto';
import type { LineName, QueueProof } from '@usher/contract';
import type { StoredLine } from '../../../src/shows/core/line/line.js';
import type { Shopper, Waiter } from '../../../src/shows/core/model/waiter.js';
import type { StoredShow } from '../../../src/shows/core/state/stored-show.js';
import type { LineEventRow, LineRow, LinesCommit } from '../../../src/shows/core/rows/show-commit.js';
import { ConstraintError } from '../engine/simulated-errors.js';

export const lineNames = ['seats', 'entry'] as const;

/** A row of the table `waiter`. */
export interface WaiterRow extends Waiter {
  readonly waits: boolean;
}

/** A row of the table `stay`. */
export interface ShopperRow extends Shopper {
  /** The `seq` of the commit that admitted the session. */
  readonly seq: number;
  readonly isInside: boolean;
}

/** A row of the table `line_event`. */
export interface StoredLineEvent extends LineEventRow {
  readonly at: number;
}

/** The position and time of the commit that writes. */
interface CommitPosition {
  readonly seq: number;
  readonly at: number;
}

const emptyChainHash = '0'.repeat(64);

/**
 * The committed line rows of one show. Each method does the same as one statement of `line-sql.ts`, or a part of the
 * load.
 */
export class SimulatedLineTables {
  calledOff = false;
  dueAt: number | null = null;
  waiters: WaiterRow[] = [];
  shoppers: ShopperRow[] = [];
  readonly events: StoredLineEvent[] = [];
  /** Rows of the table `line_key`, oldest first. */
  readonly keys: StoredShow['keys'][number][] = [];
  private readonly lines: Record<LineName, LineRow> = {
    seats: { line: 'seats', lastTicket: 0, version: 0, hash: emptyChainHash, lobbySize: null },
    entry: { line: 'entry', lastTicket: 0, version: 0, hash: emptyChainHash, lobbySize: null },
  };

  /** @param lobbySeed seed of the lobby's shuffle, hex */
  constructor(readonly lobbySeed: string) {}

  /** Refuses a commit that primary keys, unique indexes or row counts would refuse. @throws ConstraintError */
  checkConstraints({ changed, events, joined, gone, entered, ended }: LinesCommit): void {
    const refuse = (isViolated: boolean, message: string) => {
      if (isViolated) throw new ConstraintError(message);
    };
    const left = new Set(gone.map(({ line, ticket }) => `${line} ${ticket}`));
    const found = this.waiters.filter(({ waits, line, ticket }) => waits && left.has(`${line} ${ticket}`));
    refuse(found.length !== gone.length, `the commit removes ${gone.length} waiters, but only ${found.length} wait`);
    const out = this.shoppers.filter(({ isInside, sessionId }) => isInside && ended.includes(sessionId));
    refuse(out.length !== ended.length, `the commit ends ${ended.length} stays, but only ${out.length} exist`);
    refuse(new Set(changed.map(({ line }) => line)).size !== changed.length, 'the commit changes a line twice');
    const keys = [
      ...[...this.events, ...events].map(({ line, n }) => `event ${line} ${n}`),
      ...[...this.waiters, ...joined].map(({ line, ticket }) => `ticket ${line} ${ticket}`),
      ...this.waiters.filter((row) => row.waits && !found.includes(row)).map(({ sessionId }) => `waits ${sessionId}`),
      ...joined.filter(({ waits }) => waits).map(({ sessionId }) => `waits ${sessionId}`),
      ...this.shoppers.filter((row) => row.isInside && !out.includes(row)).map(({ sessionId }) => `in ${sessionId}`),
      ...entered.filter(({ isInside }) => isInside).map(({ sessionId }) => `in ${sessionId}`),
    ];
    const seen = new Set<string>();
    for (const key of keys) refuse(seen.size === seen.add(key).size, `${key} already has a row`);
  }

  apply(commit: LinesCommit, { seq, at }: CommitPosition): void {
    const { changed, events, joined, gone, entered, ended, keys, calledOff, dueAt } = commit;
    for (const { sessionId, usedKey, ...place } of keys) {
      const use = { bodyHash: usedKey.bodyHash, bookingId: null, place, createdAt: at };
      this.keys.push({ sessionId, key: usedKey.key, use });
    }
    const left = new Set(gone.map(({ line, ticket }) => `${line} ${ticket}`));
    this.waiters = this.waiters.map((row) => (left.has(`${row.line} ${row.ticket}`) ? { ...row, waits: false } : row));
    this.shoppers = this.shoppers.map((row) => (ended.includes(row.sessionId) ? { ...row, isInside: false } : row));
    this.calledOff = calledOff;
    this.dueAt = dueAt;
    for (const row of changed) this.lines[row.line] = { ...row };
    for (const row of events) this.events.push({ ...row, at });
    for (const row of joined) this.waiters.push({ ...row, joinedAt: at });
    for (const row of entered) this.shoppers.push({ ...row, seq, admittedAt: at });
  }

  load(now: number): Pick<StoredShow, 'calledOff' | 'lines' | 'shoppers' | 'admissions'> {
    const times = this.shoppers.map(({ admittedAt }) => admittedAt).toSorted((a, b) => a - b);
    return {
      calledOff: this.calledOff,
      lines: { seats: this.loadLine('seats'), entry: this.loadLine('entry') },
      shoppers: this.inside().map(({ seq: _seq, isInside: _isInside, ...shopper }) => shopper),
      admissions: times.filter((at) => at > now - 60_000),
    };
  }

  /** Returns the waiters of a line, in the order of their line tickets. */
  waiting(line: LineName): WaiterRow[] {
    return this.waiters.filter((row) => row.line === line && row.waits).toSorted((a, b) => a.ticket - b.ticket);
  }

  /** Returns the stays that have not ended. */
  inside(): ShopperRow[] {
    return this.shoppers.filter(({ isInside }) => isInside);
  }

  /** Returns the whole proof of a line, as `LinesService` publishes it. @param publicKey base64url */
  proof(line: LineName, publicKey: string): QueueProof {
    const { lobbySize } = this.lines[line];
    const waiters = this.waiters.filter((row) => row.line === line);
    const receipts = new Map(waiters.map(({ ticket, receipt }) => [ticket, receipt]));
    const chain = this.events
      .filter((row) => row.line === line)
      .map(({ n, at, kind, ticket, hash: link }) => {
        const receipt = kind === 'join' && ticket !== null ? (receipts.get(ticket) ?? null) : null;
        return { n, at: new Date(at).toISOString(), kind, ticket, hash: link, receipt };
      });
    const isOpen = lobbySize === null && waiters.some(({ place }) => place === null);
    const hasLobby = lobbySize !== null || isOpen;
    return {
      algorithm: 'usher-line-1',
      publicKey,
      commitment: hasLobby ? hash('sha256', Buffer.from(this.lobbySeed, 'hex')) : null,
      seed: lobbySize === null ? null : this.lobbySeed,
      lobbySize: lobbySize ?? (isOpen ? waiters.length : 0),
      chain,
      nextCursor: null,
    };
  }

  private loadLine(line: LineName): StoredLine {
    const { lastTicket, version, hash: last, lobbySize } = this.lines[line];
    // The receipts are needed until the lobby is drawn. After that they are needed while a lobby member still waits,
    // because a node that loads the line draws the lobby again.
    const isNeeded = lobbySize === null || this.waiting(line).some(({ place }) => place === null);
    const inLobby = this.waiters.filter((row) => isNeeded && row.line === line && row.place === null);
    const movingKinds: readonly string[] = ['offer', 'admit', 'leave', 'expire'];
    const moves = this.events.filter((row) => row.line === line && movingKinds.includes(row.kind));
    return {
      lastTicket,
      version,
      hash: last,
      seed: line === 'entry' ? this.lobbySeed : null,
      lobbySize,
      waiters: this.waiting(line).map(({ waits: _waits, ...waiter }) => waiter),
      lobbyReceipts: inLobby.toSorted((a, b) => a.ticket - b.ticket).map(({ receipt }) => receipt),
      recent: moves.map(({ kind, at }) => ({ served: kind === 'offer' || kind === 'admit', at, count: 1 })),
    };
  }
}
