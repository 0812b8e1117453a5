import type { ShowStore, ShowView } from '@usher/client';
import type { Queue, QueueBody } from '@usher/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { describeError, type Refusal } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { readSessionId } from '../service/usher-context.js';
import { storeReceipt } from './receipt-storage.js';
import { describeAhead, describeChance, describeLineEnd, describeWait } from './line-text.js';
import { shouldAnnouncePlace } from './place-announcement.js';

/** What somebody can do about a show's lines. */
export interface LineActions {
  /** A call is on its way. */
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly join: (wish: QueueBody) => void;
  readonly leave: () => void;
  readonly dismissRefusal: () => void;
}

interface LineActionsInput {
  readonly store: ShowStore;
  /** The cinema's. */
  readonly timeZone: string;
}

/** Standing in line and leaving it. What comes of it is the view's to say. */
export function useLineActions({ store, timeZone }: LineActionsInput): LineActions {
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const run = async (call: () => Promise<unknown>, done: string | null) => {
    if (busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      await call();
      if (done !== null) announce(done);
    } catch (thrown) {
      const words = describeError(thrown, { timeZone });
      setRefusal(words);
      announce(`${words.title}. ${words.text}`, 'assertive');
    } finally {
      setBusy(false);
    }
  };

  return {
    busy,
    refusal,
    join: (wish) => void run(() => store.joinLine(wish), null),
    leave: () => void run(() => store.leaveLine(), 'You left the line.'),
    dismissRefusal: useCallback(() => setRefusal(null), []),
  };
}

/**
 * Says aloud what becomes of a place in line: politely, and only what is worth hearing; its end, an offer and being let
 * in at once.
 */
export function useLineAnnouncements({ queue, offer, lineEnd, access }: ShowView): void {
  const announce = useAnnounce();
  const said = useRef({ ahead: null as number | null, at: 0 });
  const wasWaiting = useRef(false);

  useEffect(() => {
    const at = performance.now();
    const ahead = queue?.ahead ?? null;
    if (queue === null) said.current = { ahead: null, at: 0 };
    if (queue === null || ahead === null || !shouldAnnouncePlace(said.current, ahead, at)) return;
    const isFirst = said.current.ahead === null;
    said.current = { ahead, at };
    const wait = describeWait(queue.etaSeconds);
    const parts = [
      isFirst ? `You are number ${ahead + 1} of ${queue.waiting} in line.` : '',
      `${describeAhead(ahead)}.`,
      wait === null ? '' : `It takes ${wait}.`,
      isFirst ? describeChance(queue) : '',
    ];
    announce(parts.filter((part) => part !== '').join(' '));
  }, [announce, queue]);

  useEffect(() => {
    if (offer !== null) announce(`Seats were found for you and are held: ${offer.seats.length}.`, 'assertive');
  }, [announce, offer]);

  useEffect(() => {
    if (lineEnd === null) return;
    const { title, text } = describeLineEnd(lineEnd);
    announce(`${title}. ${text}`, 'assertive');
  }, [announce, lineEnd]);

  useEffect(() => {
    if (access === 'open' && wasWaiting.current) announce('It is your turn: the hall is open to you.', 'assertive');
    wasWaiting.current = access === 'waiting';
  }, [announce, access]);
}

/** Keeps the receipt of a place in line, by which its holder can check later what became of it. */
export function useReceiptStorage(queue: Queue | null): void {
  const kept = useRef<Pick<Queue, 'receipt' | 'place'> | null>(null);
  useEffect(() => {
    // A place is told anew whenever somebody before it leaves.
    if (queue === null || (kept.current?.receipt === queue.receipt && kept.current.place === queue.place)) return;
    kept.current = queue;
    const sessionId = readSessionId();
    if (sessionId !== null) storeReceipt(queue, sessionId);
  }, [queue]);
}
