import { hash } from 'node:crypto';
import type { LineName, QueueProof } from '@usher/contract';
import type { StoredLine } from '../../../src/shows/core/line/line.js';
import type { Stay, Waiter } from '../../../src/shows/core/model/waiter.js';
import type { StoredShow } from '../../../src/shows/core/state/stored-show.js';
import type { LineEventRow, LineRow, LinesCommit } from '../../../src/shows/core/rows/show-commit.js';
import { ConstraintError } from '../engine/simulated-errors.js';

export const lineNames = ['seats', 'entry'] as const;

/** A row of the table `waiter`. */
export interface WaiterRow extends Waiter {
  readonly waits: boolean;
}

/** A row of the table `stay`. */
export interface StayRow extends Stay {
  /** The `seq` of the commit that admitted the session. */
  readonly seq: number;
  readonly isInside: boolean;
}

/** A row of the table `line_event`. */
export interface StoredLineEvent extends LineEventRow {
  readonly at: number;
}

/** The `seq` and the time of the commit that writes the rows. */
interface CommitPosition {
  readonly seq: number;
  readonly at: number;
}

const emptyChainHash = '0'.repeat(64);

/**
 * The committed line rows of one show. Each method does the same as one statement of `line-sql.ts`, or as one part of
 * loading a show.
 */
export class SimulatedLineTables {
  calledOff = false;
  dueAt: number | null = null;
  waiters: WaiterRow[] = [];
  stays: StayRow[] = [];
  readonly events: StoredLineEvent[] = [];
  /** Rows of the table `line_key`, oldest first. */
  readonly keys: StoredShow['keys'][number][] = [];
  private readonly lines: Record<LineName, LineRow> = {
    seats: { line: 'seats', lastTicket: 0, version: 0, hash: emptyChainHash, lobbySize: null },
    entry: { line: 'entry', lastTicket: 0, version: 0, hash: emptyChainHash, lobbySize: null },
  };

  /** @param lobbySeed the seed with which the lobby is shuffled, hex */
  constructor(readonly lobbySeed: string) {}

  /** Refuses a commit that primary keys, unique indexes or row counts would refuse. @throws ConstraintError */
  checkConstraints({ changed, events, joined, endedWaits, newStays: entered, endedStays: ended }: LinesCommit): void {
    const refuse = (isViolated: boolean, message: string) => {
      if (isViolated) throw new ConstraintError(message);
    };
    const left = new Set(endedWaits.map(({ line, lineTicket }) => `${line} ${lineTicket}`));
    const found = this.waiters.filter(({ waits, line, lineTicket }) => waits && left.has(`${line} ${lineTicket}`));
    refuse(
      found.length !== endedWaits.length,
      `the commit removes ${endedWaits.length} waiters, but only ${found.length} wait`,
    );
    const out = this.stays.filter(({ isInside, sessionId }) => isInside && ended.includes(sessionId));
    refuse(out.length !== ended.length, `the commit ends ${ended.length} stays, but only ${out.length} exist`);
    refuse(new Set(changed.map(({ line }) => line)).size !== changed.length, 'the commit changes a line twice');
    const keys = [
      ...[...this.events, ...events].map(({ line, n }) => `event ${line} ${n}`),
      ...[...this.waiters, ...joined].map(({ line, lineTicket }) => `line ticket ${line} ${lineTicket}`),
      ...this.waiters.filter((row) => row.waits && !found.includes(row)).map(({ sessionId }) => `waits ${sessionId}`),
      ...joined.filter(({ waits }) => waits).map(({ sessionId }) => `waits ${sessionId}`),
      ...this.stays.filter((row) => row.isInside && !out.includes(row)).map(({ sessionId }) => `in ${sessionId}`),
      ...entered.filter(({ isInside }) => isInside).map(({ sessionId }) => `in ${sessionId}`),
    ];
    const seen = new Set<string>();
    for (const key of keys) refuse(seen.size === seen.add(key).size, `${key} already has a row`);
  }

  apply(commit: LinesCommit, { seq, at }: CommitPosition): void {
    const {
      changed,
      events,
      joined,
      passedWaits,
      endedWaits,
      newStays: entered,
      endedStays: ended,
      keys,
      calledOff,
      dueAt,
    } = commit;
    for (const { sessionId, usedKey, ...place } of keys) {
      const use = { bodyHash: usedKey.bodyHash, bookingId: null, place, createdAt: at };
      this.keys.push({ sessionId, key: usedKey.key, use });
    }
    this.waiters = this.waiters.map((row) =>
      row.line === 'seats' && passedWaits.includes(row.lineTicket) ? { ...row, hasPassedChallenge: true } : row,
    );
    const left = new Set(endedWaits.map(({ line, lineTicket }) => `${line} ${lineTicket}`));
    this.waiters = this.waiters.map((row) =>
      left.has(`${row.line} ${row.lineTicket}`) ? { ...row, waits: false } : row,
    );
    this.stays = this.stays.map((row) => (ended.includes(row.sessionId) ? { ...row, isInside: false } : row));
    this.calledOff = calledOff;
    this.dueAt = dueAt;
    for (const row of changed) this.lines[row.line] = { ...row };
    for (const row of events) this.events.push({ ...row, at });
    for (const row of joined) this.waiters.push({ ...row, joinedAt: at });
    for (const row of entered) this.stays.push({ ...row, seq, admittedAt: at });
  }

  load(now: number): Pick<StoredShow, 'calledOff' | 'lines' | 'stays' | 'admissions'> {
    const times = this.stays.map(({ admittedAt }) => admittedAt).toSorted((a, b) => a - b);
    return {
      calledOff: this.calledOff,
      lines: { seats: this.loadLine('seats'), entry: this.loadLine('entry') },
      stays: this.currentStays().map(({ seq: _seq, isInside: _isInside, ...stay }) => stay),
      admissions: times.filter((at) => at > now - 60_000),
    };
  }

  /** Returns the waiters of a line, in the order of their line tickets. */
  waiting(line: LineName): WaiterRow[] {
    return this.waiters.filter((row) => row.line === line && row.waits).toSorted((a, b) => a.lineTicket - b.lineTicket);
  }

  /** Returns the stays that have not ended. */
  currentStays(): StayRow[] {
    return this.stays.filter(({ isInside }) => isInside);
  }

  /** Returns the whole proof of a line, as `LinesService` publishes it. @param publicKey base64url */
  proof(line: LineName, publicKey: string): QueueProof {
    const { lobbySize } = this.lines[line];
    const waiters = this.waiters.filter((row) => row.line === line);
    const receipts = new Map(waiters.map(({ lineTicket, receipt }) => [lineTicket, receipt]));
    const chain = this.events
      .filter((row) => row.line === line)
      .map(({ n, at, kind, lineTicket, hash: link }) => {
        const receipt = kind === 'join' && lineTicket !== null ? (receipts.get(lineTicket) ?? null) : null;
        return { n, at: new Date(at).toISOString(), kind, ticket: lineTicket, hash: link, receipt };
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
    // The receipts are needed until the lobby is drawn. After that, they are needed as long as a lobby member waits,
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
      lobbyReceipts: inLobby.toSorted((a, b) => a.lineTicket - b.lineTicket).map(({ receipt }) => receipt),
      recent: moves.map(({ kind, at }) => ({ served: kind === 'offer' || kind === 'admit', at, count: 1 })),
    };
  }
}
