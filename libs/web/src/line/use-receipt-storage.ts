import type { Queue } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { readSessionId } from '../service/usher-context.js';
import { storeReceipt } from './receipt-storage.js';

/** Stores the receipt of a place in line. With the receipt, the buyer can later check that the line was fair. */
export function useReceiptStorage(queue: Queue | null): void {
  const stored = useRef<Pick<Queue, 'receipt' | 'place'> | null>(null);
  useEffect(() => {
    // `queue` also changes whenever someone ahead leaves the line. Only a new receipt or a new place must be stored.
    if (queue === null || (stored.current?.receipt === queue.receipt && stored.current.place === queue.place)) return;
    stored.current = queue;
    const sessionId = readSessionId();
    if (sessionId !== null) storeReceipt(queue, sessionId);
  }, [queue]);
}
