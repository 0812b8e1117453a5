import type { Show, ShowChanged } from '@usher/contract';
import { backOff } from '../common/retry.js';
import type { TermsChange } from '../types.js';

const READ_PAUSE_FIRST_MS = 500;
const READ_PAUSE_MAX_MS = 15_000;

/** Facts of a show that its terms decide. */
const facts = [
  'startsAt',
  'endsAt',
  'movie',
  'cinema',
  'hall',
  'tiers',
  'saleOpensAt',
  'saleClosesAt',
  'rules',
  'waitingRoom',
  'calledOff',
] as const satisfies (keyof Show)[];

/** Keeps what a page shows of a show right: applies what the server says of its terms, and reads the show where that is not enough. */
export class LiveTerms {
  show: Show | null = null;
  /** The last change since the show was given; null: none. */
  change: TermsChange | null = null;
  /** The highest number of changes that the server spoke of. */
  private newest = 0;
  private isReading = false;
  private isClosed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly read: () => Promise<Show>,
    private readonly changed: () => void,
  ) {}

  /** Takes the show as the caller read it. */
  follow(show: Show): void {
    if (this.show === null) this.show = show;
    else this.take(show, null);
    this.changed();
    this.readIfBehind();
  }

  /** A `show:changed`. */
  heard({ termsVersion, changed, show, reason }: ShowChanged): void {
    const isWhole = !changed.includes('movieId') && !changed.includes('hallId');
    if (this.show !== null && isWhole && termsVersion === versionOf(this.show) + 1) {
      this.take({ ...this.show, ...show, termsVersion }, reason);
      this.changed();
    }
    this.announced(termsVersion);
  }

  /** The server said how many changes there were so far. */
  announced(termsVersion: number | undefined): void {
    this.newest = Math.max(this.newest, termsVersion ?? 0);
    this.readIfBehind();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private readIfBehind(): void {
    if (this.show !== null && versionOf(this.show) < this.newest) void this.readAgain();
  }

  private async readAgain(attempt = 0): Promise<void> {
    if (this.isReading || this.isClosed) return;
    clearTimeout(this.timer);
    this.isReading = true;
    try {
      const show = await this.read();
      this.isReading = false;
      if (this.isClosed) return;
      this.take(show, null);
      this.changed();
    } catch {
      this.isReading = false;
    }
    // Still behind: the read failed, or a node answered that does not know of the change yet.
    if (this.isClosed || this.show === null || versionOf(this.show) >= this.newest) return;
    const pauseMs = backOff(attempt, READ_PAUSE_FIRST_MS, READ_PAUSE_MAX_MS);
    this.timer = setTimeout(() => void this.readAgain(attempt + 1), pauseMs);
  }

  private take(after: Show, reason: string | null): void {
    const before = this.show;
    if (before === null || versionOf(after) <= versionOf(before)) return;
    this.show = after;
    const changed = facts.filter((fact) => JSON.stringify(before[fact]) !== JSON.stringify(after[fact]));
    if (changed.length === 0) return;
    const isCallOff = after.calledOff && !before.calledOff;
    this.change = { before, after, changed, reason: reason ?? (isCallOff ? (after.calledOffReason ?? null) : null) };
  }
}

const versionOf = ({ termsVersion }: Show): number => termsVersion ?? 0;
