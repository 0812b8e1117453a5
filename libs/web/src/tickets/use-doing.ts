import { useState } from 'react';
import { explain } from '../booking/refusals.js';
import { useAnnounce } from '../ui/announcer.js';

/** Something that a button does and that may fail. */
export interface Doing {
  readonly busy: boolean;
  /** Why the last one failed, in words; null when it did not. */
  readonly failure: string | null;
  /** Does one thing at a time; answers what to announce, if anything. */
  readonly run: (task: () => Promise<string | null>) => Promise<void>;
}

/** Runs what buttons do, one at a time, and says what became of it. */
export function useDoing(): Doing {
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
      const { title, text } = explain(thrown);
      setFailure(`${title}. ${text}`);
      announce(`${title}. ${text}`, 'assertive');
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
