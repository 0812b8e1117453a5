import type { Show, ShowChanged } from '@usher/contract';
import { backoffMs } from '../common/retry.js';
import type { TermsChange } from './show-types.js';

const firstReadDelayMs = 500;
const maxReadDelayMs = 15_000;

/** The fields of a show that its terms determine. */
const termsFields = [
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
  'codeRequired',
  'calledOff',
] as const satisfies (keyof Show)[];

/**
 * Keeps the followed show of a {@link ShowStore} up to date. Applies the server's messages about the show's terms. If a
 * message is missing or incomplete, reads the show again.
 */
export class ShowTerms {
  /** The show, or null if none is followed. */
  show: Show | null = null;
  /** The last change to the followed show, or null if the show has not changed. */
  termsChange: TermsChange | null = null;
  /** The highest version of the terms that the server has mentioned. */
  private latestVersion = 0;
  private isReading = false;
  private isClosed = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly readShow: () => Promise<Show>,
    private readonly onChanged: () => void,
  ) {}

  /** Follows a show that the caller has read. */
  follow(show: Show): void {
    if (this.show === null) this.show = show;
    else this.replace(show, null);
    this.onChanged();
    this.readIfBehind();
  }

  /** Handles `show:changed`. */
  onShowChanged({ termsVersion, changed, show, reason }: ShowChanged): void {
    // If the movie or the hall has changed, the message has only the new id, so the client must read the show.
    const isComplete = !changed.includes('movieId') && !changed.includes('hallId');
    if (this.show !== null && isComplete && termsVersion === versionOf(this.show) + 1) {
      this.replace({ ...this.show, ...show, termsVersion }, reason);
      this.onChanged();
    }
    this.onTermsVersion(termsVersion);
  }

  /** Handles a version of the terms from a heartbeat or an answer. */
  onTermsVersion(termsVersion: number | undefined): void {
    this.latestVersion = Math.max(this.latestVersion, termsVersion ?? 0);
    this.readIfBehind();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.retryTimer);
  }

  private readIfBehind(): void {
    if (this.show !== null && versionOf(this.show) < this.latestVersion) void this.readAgain();
  }

  private async readAgain(attempt = 0): Promise<void> {
    if (this.isReading || this.isClosed) return;
    clearTimeout(this.retryTimer);
    this.isReading = true;
    try {
      const show = await this.readShow();
      this.isReading = false;
      if (this.isClosed) return;
      this.replace(show, null);
      this.onChanged();
    } catch {
      this.isReading = false;
    }
    // If the show is still behind, either the read failed or the node that answered has not caught up.
    if (this.isClosed || this.show === null || versionOf(this.show) >= this.latestVersion) return;
    const delayMs = backoffMs(attempt, firstReadDelayMs, maxReadDelayMs);
    this.retryTimer = setTimeout(() => void this.readAgain(attempt + 1), delayMs);
  }

  private replace(after: Show, reason: string | null): void {
    const before = this.show;
    if (before === null || versionOf(after) <= versionOf(before)) return;
    this.show = after;
    const changedFields = termsFields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
    if (changedFields.length === 0) return;
    const callOffReason = after.calledOff && !before.calledOff ? (after.calledOffReason ?? null) : null;
    this.termsChange = { before, after, changedFields, reason: reason ?? callOffReason };
  }
}

const versionOf = ({ termsVersion }: Show): number => termsVersion ?? 0;
