import { useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

/** Button to leave the line. It asks for confirmation, because the buyer cannot get the place back. */
export function LeaveLineButton({ lineActions: { isBusy, leave } }: { readonly lineActions: LineActions }) {
  const announce = useAnnounce();
  const [isConfirming, setIsConfirming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const keep = () => {
    // The pressed button disappears, so the focus moves to the button that remains.
    button.current?.focus();
    setIsConfirming(false);
  };
  const press = () => {
    if (isConfirming) leave();
    else announce(warning);
    setIsConfirming(true);
  };
  return (
    <>
      {isConfirming && <strong className="leave-warning">{warning}</strong>}
      <button ref={button} type="button" className="button" aria-disabled={isBusy} onClick={press}>
        {isConfirming ? 'Yes, leave the line' : 'Leave the line'}
      </button>
      {isConfirming && (
        <button type="button" className="button" onClick={keep}>
          Keep my place
        </button>
      )}
    </>
  );
}

const warning = 'If you leave, you lose your place in line.';

/** Shows why joining or leaving the line was refused. `useLineActions` announces it to screen readers. */
export function LineRefusalNotice({ lineActions: { refusal, dismissRefusal } }: { readonly lineActions: LineActions }) {
  if (refusal === null) return null;
  return (
    <section className="notice notice-bad" aria-label="Refused">
      <p>
        <strong>{refusal.title}.</strong> {refusal.text}
      </p>
      <button type="button" className="button" onClick={dismissRefusal}>
        Dismiss
      </button>
    </section>
  );
}
