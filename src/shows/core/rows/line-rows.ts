import type { LineName } from '@usher/contract';
import { chainHash, type ChainLink } from '../line/chain.js';
import type { Line } from '../line/line.js';
import type { Stay, Waiter } from '../model/waiter.js';
import type { ShowState } from '../state/show-state.js';
import type { EndedWait, LineEventRow, LineKeyRow, LineRow, LinesCommit, PushRow, WaitOutcome } from './show-commit.js';
import { StayRows } from './stay-rows.js';

/** Collects the rows of the lines and stays that one commit writes. */
export class LineRows {
  private readonly lines: Readonly<Record<LineName, RowsOfLine>>;
  private readonly stays = new StayRows();
  private readonly keys: LineKeyRow[] = [];
  private readonly pushes: PushRow[] = [];
  private isCalledOff: boolean;
  private isWritten = false;

  constructor(before: ShowState, at: number) {
    this.lines = { seats: new RowsOfLine(before.lines.seats, at), entry: new RowsOfLine(before.lines.entry, at) };
    this.isCalledOff = before.calledOff;
  }

  /** Makes the commit write the rows of the lines, even if no line changed. */
  write(): void {
    this.isWritten = true;
  }

  addChainLink(link: ChainLink): void {
    this.write();
    this.lines[link.line].addChainLink(link);
  }

  join(waiter: Waiter): void {
    this.write();
    this.lines[waiter.line].joined.set(waiter.lineTicket, waiter);
  }

  /** Stores that a waiter for seats has passed the challenge. */
  passChallenge(lineTicket: number): void {
    this.write();
    this.lines.seats.passChallenge(lineTicket);
  }

  /** Ends a wait, or changes the outcome of a wait that has ended. */
  leave(line: LineName, lineTicket: number, outcome: WaitOutcome): void {
    this.write();
    this.lines[line].leave(lineTicket, outcome);
  }

  shuffleLobby(): void {
    this.write();
    this.lines.entry.shuffleLobby();
  }

  startStay(stay: Stay): void {
    this.write();
    this.stays.start(stay);
  }

  endStay(sessionId: string): void {
    this.write();
    this.stays.end(sessionId);
  }

  addKey(row: LineKeyRow): void {
    this.write();
    this.keys.push(row);
  }

  push(row: PushRow): void {
    this.pushes.push(row);
  }

  callOff(): void {
    this.write();
    this.isCalledOff = true;
  }

  /**
   * Returns the rows, or null if the commit writes none.
   *
   * @param dueAt when the next time-driven change to the lines is due, in ms since 1970; null if there is none
   */
  toCommit(dueAt: number | null): LinesCommit | null {
    if (!this.isWritten) return null;
    const both = [this.lines.seats, this.lines.entry];
    return {
      changed: both.filter(({ events }) => events.length > 0).map((line) => line.row()),
      events: both.flatMap(({ events }) => events),
      joined: both.flatMap((line) => line.joinedRows()),
      passedWaits: [...this.lines.seats.passed],
      endedWaits: both.flatMap((line) => line.endedWaits(line.ended)),
      lapsedWaits: both.flatMap((line) => line.endedWaits(line.lapsed)),
      keys: this.keys,
      newStays: this.stays.entered(),
      endedStays: [...this.stays.ended],
      pushes: this.pushes,
      calledOff: this.isCalledOff,
      dueAt,
    };
  }
}

/** Collects the rows of one line. */
class RowsOfLine {
  readonly events: LineEventRow[] = [];
  readonly joined = new Map<number, Waiter>();
  /** The line tickets that waited before the commit and pass the challenge in it. */
  readonly passed = new Set<number>();
  /** The line tickets that waited before the commit and no longer do. */
  readonly ended = new Set<number>();
  /** The line tickets whose wait had ended before the commit and that get a new outcome in it. */
  readonly lapsed = new Set<number>();
  private readonly outcomes = new Map<number, WaitOutcome>();
  private version: number;
  private hash: string;
  private lobbySize: number | null;

  constructor(
    private readonly before: Line,
    private readonly at: number,
  ) {
    this.version = before.version;
    this.hash = before.hash;
    this.lobbySize = before.lobbySize;
  }

  addChainLink(link: ChainLink): void {
    this.hash = chainHash(this.hash, ++this.version, this.at, link);
    this.events.push({ ...link, n: this.version, hash: this.hash });
  }

  passChallenge(lineTicket: number): void {
    const joined = this.joined.get(lineTicket);
    if (joined) this.joined.set(lineTicket, { ...joined, hasPassedChallenge: true });
    else this.passed.add(lineTicket);
  }

  /** If one commit sets several outcomes, the last one counts. */
  leave(lineTicket: number, outcome: WaitOutcome): void {
    this.outcomes.set(lineTicket, outcome);
    if (this.before.waiters.has(lineTicket)) this.ended.add(lineTicket);
    else if (!this.joined.has(lineTicket)) this.lapsed.add(lineTicket);
  }

  /**
   * The commit does not write the places, because 100,000 rows would take seconds. Readers compute the places from the
   * seed and the receipts.
   */
  shuffleLobby(): void {
    this.lobbySize = this.before.lobbyReceipts.length;
  }

  endedWaits(lineTickets: ReadonlySet<number>): EndedWait[] {
    return [...lineTickets].flatMap((lineTicket) => {
      const outcome = this.outcomes.get(lineTicket);
      return outcome ? { line: this.before.name, lineTicket, outcome } : [];
    });
  }

  row(): LineRow {
    const { before, version, hash, lobbySize } = this;
    const lastTicket = Math.max(before.lastTicket, ...this.joined.keys());
    return { line: before.name, lastTicket, version, hash, lobbySize };
  }

  joinedRows(): LinesCommit['joined'][number][] {
    return [...this.joined.values()].map((waiter) => {
      const outcome = this.outcomes.get(waiter.lineTicket) ?? null;
      return { ...waiter, waits: outcome === null, outcome };
    });
  }
}
