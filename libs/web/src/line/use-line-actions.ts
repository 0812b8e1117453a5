import type { ShowStore } from '@usher/client';
import type { QueueBody } from '@usher/contract';
import { useCallback, useState } from 'react';
import { describeError, type Refusal } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';

/** The actions with which a buyer joins or leaves a line of a show. */
export interface LineActions {
  /** True while a call is running. */
  readonly isBusy: boolean;
  readonly refusal: Refusal | null;
  readonly join: (request: QueueBody) => void;
  readonly leave: () => void;
  readonly dismissRefusal: () => void;
}

interface LineActionsInput {
  readonly store: ShowStore;
  /** Time zone of the cinema. */
  readonly timeZone: string;
}

/** Returns the actions to join and leave a line. The view of the show contains their results. */
export function useLineActions({ store, timeZone }: LineActionsInput): LineActions {
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const run = async (call: () => Promise<unknown>, announcement: string | null) => {
    if (isBusy) return;
    setIsBusy(true);
    setRefusal(null);
    try {
      await call();
      if (announcement !== null) announce(announcement);
    } catch (error) {
      const next = describeError(error, { timeZone });
      setRefusal(next);
      announce(`${next.title}. ${next.text}`, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };

  return {
    isBusy,
    refusal,
    join: (request) => void run(() => store.joinLine(request), null),
    leave: () => void run(() => store.leaveLine(), 'You left the line.'),
    dismissRefusal: useCallback(() => setRefusal(null), []),
  };
}
