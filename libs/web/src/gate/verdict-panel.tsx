import { useRef } from 'react';
import type { CheckState } from './use-gate.js';

interface VerdictPanelProps {
  readonly checked: CheckState;
  readonly onNext: () => void;
}

/** The answer, to be seen from a few steps away. */
export function VerdictPanel({ checked, onNext }: VerdictPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const verdict = checked === 'checking' ? null : checked;
  const waiting = checked === null ? 'Ready' : 'Checking …';
  const next = (): void => {
    // The button goes: the focus stays where it was.
    panel.current?.focus({ preventScroll: true });
    onNext();
  };
  return (
    <section
      ref={panel}
      tabIndex={-1}
      className={`gate-verdict gate-verdict-${verdict?.kind ?? 'none'}`}
      aria-label="Answer"
      data-verdict={verdict?.kind ?? 'none'}
    >
      <p className="gate-verdict-title">
        {verdict && <span aria-hidden="true">{verdict.mark} </span>}
        {verdict?.title ?? waiting}
      </p>
      <p>{verdict?.text ?? 'Scan or type a code.'}</p>
      {verdict && (
        <button type="button" className="button" onClick={next}>
          Next
        </button>
      )}
    </section>
  );
}
