import { useRef } from 'react';
import type { CheckState } from './use-gate.js';

interface VerdictPanelProps {
  readonly checkState: CheckState;
  readonly onNext: () => void;
}

/** Shows the answer in letters that staff can read from a few steps away. */
export function VerdictPanel({ checkState, onNext }: VerdictPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const verdict = checkState === 'checking' ? null : checkState;
  const idleTitle = checkState === null ? 'Ready' : 'Checking …';
  const next = (): void => {
    // The pressed button disappears, so the focus moves to the panel.
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
        {verdict?.title ?? idleTitle}
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
