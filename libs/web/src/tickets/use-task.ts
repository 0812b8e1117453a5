import { useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';

/** Runs the task behind a button and keeps its state. */
export interface TaskRunner {
  readonly isBusy: boolean;
  /** Why the last task failed, or null. */
  readonly failure: string | null;
  /** Runs a task, unless another one is running. The task returns the text to announce, or null. */
  readonly run: (task: () => Promise<string | null>) => Promise<void>;
}

/** Returns a runner that runs one task at a time and announces the results to screen readers. */
export function useTask(): TaskRunner {
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (task: () => Promise<string | null>) => {
    if (isBusy) return;
    setIsBusy(true);
    setFailure(null);
    try {
      const announcement = await task();
      if (announcement !== null) announce(announcement);
    } catch (error) {
      const { title, text } = describeError(error);
      setFailure(`${title}. ${text}`);
      announce(`${title}. ${text}`, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, failure, run };
}
