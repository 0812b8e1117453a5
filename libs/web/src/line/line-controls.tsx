import { useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

/** The way out of the line, asked once more: a place that is gone does not come back. */
export function LeaveLineButton({ lining: { busy, leave } }: { readonly lining: LineActions }) {
  const announce = useAnnounce();
  const [isAsked, setIsAsked] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const keep = () => {
    // The button that was pressed goes away, and the focus must not go with it.
    button.current?.focus();
    setIsAsked(false);
  };
  const press = () => {
    if (isAsked) leave();
    else announce(warning);
    setIsAsked(true);
  };
  return (
    <>
      {isAsked && <strong className="leave-warning">{warning}</strong>}
      <button ref={button} type="button" className="button" aria-disabled={busy} onClick={press}>
        {isAsked ? 'Yes, leave the line' : 'Leave the line'}
      </button>
      {isAsked && (
        <button type="button" className="button" onClick={keep}>
          Keep my place
        </button>
      )}
    </>
  );
}

const warning = 'If you leave, your place goes to those behind you.';

/** Why standing in line, or leaving it, was refused. Said aloud where it arises. */
export function LineRefusalNotice({ lining: { refusal, dismissRefusal } }: { readonly lining: LineActions }) {
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
