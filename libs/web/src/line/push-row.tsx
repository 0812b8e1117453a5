import { useEffect, useState } from 'react';
import { useUsher } from '../service/usher-context.js';
import { useAnnounce } from '../ui/announcer.js';
import { type PushState, readPushState, startPush, stopPush } from './push-subscription.js';
import './line.css';

const stateTexts: Record<PushState, string> = {
  unsupported: '',
  denied:
    'This browser does not allow notifications from this page. You can change that in its settings for this site.',
  off: 'We will notify you on this page only.',
  on: 'We will notify you on this device, even if you close this page.',
};

const failureText = 'We could not set up notifications. Keep this page open, or try again.';

/**
 * Turns push messages about offers and admissions on and off. These messages reach the buyer even if the page is
 * closed. Shows nothing if the browser does not support push messages.
 */
export function PushRow() {
  const usher = useUsher();
  const announce = useAnnounce();
  const [state, setState] = useState<PushState>('unsupported');
  const [hasFailed, setHasFailed] = useState(false);
  const [isBusy, setIsBusy] = useState(false);

  useEffect(() => {
    let isWanted = true;
    const settle = (next: PushState) => {
      if (isWanted) setState(next);
    };
    readPushState(usher).then(settle, () => settle('off'));
    return () => {
      isWanted = false;
    };
  }, [usher]);

  const change = async (action: (client: typeof usher) => Promise<PushState>) => {
    if (isBusy) return;
    setIsBusy(true);
    setHasFailed(false);
    try {
      const next = await action(usher);
      setState(next);
      announce(stateTexts[next]);
    } catch {
      // The browser's push service or our service is unreachable. The user can try again.
      setHasFailed(true);
      announce(failureText, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };

  if (state === 'unsupported') return null;
  return (
    <div className="push-row">
      {state === 'off' && (
        <button type="button" className="button" aria-disabled={isBusy} onClick={() => void change(startPush)}>
          Notify me when it is my turn, even if I close this page
        </button>
      )}
      {state === 'on' && (
        <>
          <p>{stateTexts.on}</p>
          <button type="button" className="button" aria-disabled={isBusy} onClick={() => void change(stopPush)}>
            Stop notifications
          </button>
        </>
      )}
      {state === 'denied' && <p>{stateTexts.denied}</p>}
      {hasFailed && <p>{failureText}</p>}
    </div>
  );
}
