import { useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';

/** Something that a button does and that may fail. */
export interface Task {
  readonly busy: boolean;
  /** Why the last one failed, in words; null when it did not. */
  readonly failure: string | null;
  /** Does one thing at a time; answers what to announce, if anything. */
  readonly run: (task: () => Promise<string | null>) => Promise<void>;
}

/** Runs what buttons do, one at a time, and says what became of it. */
export function useTask(): Task {
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (task: () => Promise<string | null>) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const news = await task();
      if (news !== null) announce(news);
    } catch (thrown) {
      const { title, text } = describeError(thrown);
      setFailure(`${title}. ${text}`);
      announce(`${title}. ${text}`, 'assertive');
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
