import { useEffect, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { useUsher } from '../service/usher-context.js';
import { type PushState, readPushState, startPush, stopPush } from './push-subscription.js';
import './line.css';

const stateTexts: Record<PushState, string> = {
  unsupported: '',
  denied:
    'This browser does not allow notifications from this page. You can change that in its settings for this site.',
  off: 'You will be told on this page only.',
  on: 'You will be told on this device, even if you close this page.',
};

/** Lets the browser be told of an offer or an admission while the page is closed; nothing where it cannot be. */
export function PushRow() {
  const usher = useUsher();
  const announce = useAnnounce();
  const [state, setState] = useState<PushState>('unsupported');
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let isWanted = true;
    const settle = (now: PushState) => {
      if (isWanted) setState(now);
    };
    readPushState(usher).then(settle, () => settle('off'));
    return () => {
      isWanted = false;
    };
  }, [usher]);

  const change = async (to: (of: typeof usher) => Promise<PushState>) => {
    if (busy) return;
    setBusy(true);
    setFailed(false);
    try {
      const now = await to(usher);
      setState(now);
      announce(stateTexts[now]);
    } catch {
      // The browser's push service is out of reach, or ours is: nothing was promised, and it can be tried again.
      setFailed(true);
      announce(failureText, 'assertive');
    } finally {
      setBusy(false);
    }
  };

  if (state === 'unsupported') return null;
  return (
    <div className="push-row">
      {state === 'off' && (
        <button type="button" className="button" aria-disabled={busy} onClick={() => void change(startPush)}>
          Tell me when it is my turn, even if I close this page
        </button>
      )}
      {state === 'on' && (
        <>
          <p>{stateTexts.on}</p>
          <button type="button" className="button" aria-disabled={busy} onClick={() => void change(stopPush)}>
            Do not tell me any more
          </button>
        </>
      )}
      {state === 'denied' && <p>{stateTexts.denied}</p>}
      {failed && <p>{failureText}</p>}
    </div>
  );
}

const failureText = 'That could not be set up now. Keep this page open, or try again.';
