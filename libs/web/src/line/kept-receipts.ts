import { type HeldQueue, readQueue } from '@usher/client';

const storageKey = 'usher.receipts';

/** More than anybody comes back to. */
export const receiptsMost = 20;

/** A receipt for a place in line, and whom it was given to. */
export interface KeptReceipt {
  readonly queue: HeldQueue;
  readonly sessionId: string;
}

/** The receipts after one more: newest first, the last of each line. */
export function withReceipt(kept: readonly KeptReceipt[], one: KeptReceipt): readonly KeptReceipt[] {
  const isOfSameLine = ({ queue }: KeptReceipt) => queue.showId === one.queue.showId && queue.line === one.queue.line;
  return [one, ...kept.filter((other) => !isOfSameLine(other))].slice(0, receiptsMost);
}

/** What was kept, whatever somebody else has made of it. */
export function receiptsOf(text: string | null): readonly KeptReceipt[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.flatMap(asReceipt).slice(0, receiptsMost) : [];
  } catch {
    return [];
  }
}

function asReceipt(value: unknown): KeptReceipt[] {
  const queue = readQueue(value);
  if (queue === null || typeof value !== 'object' || value === null || !('sessionId' in value)) return [];
  return typeof value.sessionId === 'string' ? [{ queue, sessionId: value.sessionId }] : [];
}

function read(): readonly KeptReceipt[] {
  try {
    return receiptsOf(localStorage.getItem(storageKey));
  } catch {
    // The browser keeps nothing for this page.
    return [];
  }
}

/** Keeps a receipt in this browser: the service does not say it again once the place is served or left. */
export function keepReceipt(queue: HeldQueue, sessionId: string): void {
  try {
    const { showId, line, ticket, place, joinedAt, receipt } = queue;
    const kept = withReceipt(read(), { queue: { showId, line, ticket, place, joinedAt, receipt }, sessionId });
    localStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // Then it can be pasted in, by whoever has it.
  }
}

/** The receipt of this browser's last place in a show's line; null where it had none. */
export const receiptOf = (showId: number, line: HeldQueue['line']): KeptReceipt | null =>
  read().find(({ queue }) => queue.showId === showId && queue.line === line) ?? null;
