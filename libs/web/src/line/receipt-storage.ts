import { parseQueueReceipt, type QueueReceipt } from '@usher/client';

const storageKey = 'usher.receipts';

/** Maximum number of stored receipts. No buyer needs more. */
export const storedReceiptsMax = 20;

/** The receipt of a place in line, and the session that got it. */
export interface StoredReceipt {
  readonly queue: QueueReceipt;
  readonly sessionId: string;
}

/** Adds a receipt, newest first. It replaces an earlier receipt of the same line. */
export function addReceipt(stored: readonly StoredReceipt[], added: StoredReceipt): readonly StoredReceipt[] {
  const isOfSameLine = ({ queue }: StoredReceipt) =>
    queue.showId === added.queue.showId && queue.line === added.queue.line;
  return [added, ...stored.filter((other) => !isOfSameLine(other))].slice(0, storedReceiptsMax);
}

/** Reads receipts from a stored text. Ignores everything that is not a receipt. */
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
    // The browser does not let this page store anything.
    return [];
  }
}

/** Stores a receipt in this browser, because the service does not send it again after the wait has ended. */
export function storeReceipt(queue: QueueReceipt, sessionId: string): void {
  try {
    const { showId, line, ticket, place, joinedAt, receipt } = queue;
    const receipts = addReceipt(readStoredReceipts(), {
      queue: { showId, line, ticket, place, joinedAt, receipt },
      sessionId,
    });
    localStorage.setItem(storageKey, JSON.stringify(receipts));
  } catch {
    // The buyer can still paste the receipt into the page that checks it.
  }
}

/** Returns the receipt of this browser's last place in a line of a show, or null if there is none. */
export const findStoredReceipt = (showId: number, line: QueueReceipt['line']): StoredReceipt | null =>
  readStoredReceipts().find(({ queue }) => queue.showId === showId && queue.line === line) ?? null;
