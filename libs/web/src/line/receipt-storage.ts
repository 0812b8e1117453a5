import { parseQueueReceipt, type QueueReceipt } from '@usher/client';

const storageKey = 'usher.receipts';

/** More than anybody comes back to. */
export const storedReceiptsMax = 20;

/** A receipt for a place in line, and whom it was given to. */
export interface StoredReceipt {
  readonly queue: QueueReceipt;
  readonly sessionId: string;
}

/** The receipts after one more: newest first, the last of each line. */
export function addReceipt(kept: readonly StoredReceipt[], one: StoredReceipt): readonly StoredReceipt[] {
  const isOfSameLine = ({ queue }: StoredReceipt) => queue.showId === one.queue.showId && queue.line === one.queue.line;
  return [one, ...kept.filter((other) => !isOfSameLine(other))].slice(0, storedReceiptsMax);
}

/** What was kept, whatever somebody else has made of it. */
export function parseReceipts(text: string | null): readonly StoredReceipt[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.flatMap(parseReceipt).slice(0, storedReceiptsMax) : [];
  } catch {
    return [];
  }
}

function parseReceipt(value: unknown): StoredReceipt[] {
  const queue = parseQueueReceipt(value);
  if (queue === null || typeof value !== 'object' || value === null || !('sessionId' in value)) return [];
  return typeof value.sessionId === 'string' ? [{ queue, sessionId: value.sessionId }] : [];
}

function readStoredReceipts(): readonly StoredReceipt[] {
  try {
    return parseReceipts(localStorage.getItem(storageKey));
  } catch {
    // The browser keeps nothing for this page.
    return [];
  }
}

/** Keeps a receipt in this browser: the service does not say it again once the place is served or left. */
export function storeReceipt(queue: QueueReceipt, sessionId: string): void {
  try {
    const { showId, line, ticket, place, joinedAt, receipt } = queue;
    const kept = addReceipt(readStoredReceipts(), {
      queue: { showId, line, ticket, place, joinedAt, receipt },
      sessionId,
    });
    localStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // Then it can be pasted in, by whoever has it.
  }
}

/** The receipt of this browser's last place in a show's line; null where it had none. */
export const findStoredReceipt = (showId: number, line: QueueReceipt['line']): StoredReceipt | null =>
  readStoredReceipts().find(({ queue }) => queue.showId === showId && queue.line === line) ?? null;
