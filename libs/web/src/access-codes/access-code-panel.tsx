import type { Show } from '@usher/contract';
import { useId, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { formatCount, formatDayAndTime } from '../ui/format.js';
import { getInvitedCode } from './invited-code.js';
import type { AccessCode } from './use-access-code.js';
import './access-codes.css';

interface AccessCodePanelProps {
  readonly show: Show;
  readonly accessCode: AccessCode;
}

/** Asks for the access code of a show that requires one, and shows what the used codes allow. */
export function AccessCodePanel({ show, accessCode }: AccessCodePanelProps) {
  const { isMissing, allowance } = accessCode;
  const [isAdding, setIsAdding] = useState(false);
  const titleId = useId();
  if (isMissing) {
    return (
      <section className="panel access-code" aria-labelledby={titleId}>
        <h2 id={titleId}>This show needs an access code</h2>
        <p>Only people with a code can get seats now. Enter the code that you got from the organiser.</p>
        <AccessCodeForm show={show} accessCode={accessCode} onDone={() => setIsAdding(false)} />
      </section>
    );
  }
  if (allowance === null || allowance.seats === 0) return null;
  return (
    <section className="panel access-code" aria-label="Access code">
      <p className="access-code-allowance">
        <span>
          <strong className="status-text-good">Your access code allows {formatCount(allowance.seats, 'seat')}</strong>
          {allowance.until !== null && ` until ${formatDayAndTime(allowance.until, show.cinema.timeZone)}`}.
        </span>
        {!isAdding && (
          <button type="button" className="button" onClick={() => setIsAdding(true)}>
            Use another code
          </button>
        )}
      </p>
      {isAdding && <AccessCodeForm show={show} accessCode={accessCode} onDone={() => setIsAdding(false)} isAdding />}
    </section>
  );
}

interface AccessCodeFormProps extends AccessCodePanelProps {
  readonly onDone: () => void;
  /** True if the session has already used a code. */
  readonly isAdding?: boolean;
}

/** The field for a code. It keeps a refused code, so that the buyer can correct it. */
function AccessCodeForm({ show: { showId }, accessCode: { redeem }, onDone, isAdding = false }: AccessCodeFormProps) {
  const announce = useAnnounce();
  const [code, setCode] = useState(isAdding ? '' : getInvitedCode(showId));
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const ids = { code: useId(), problem: useId() };

  const submit = async () => {
    setIsBusy(true);
    setProblem(null);
    const refusal = await redeem(code);
    setIsBusy(false);
    if (refusal === null) {
      announce('The code was accepted.');
      onDone();
      return;
    }
    setProblem(refusal);
    announce(refusal, 'assertive');
    field.current?.focus();
  };

  return (
    <form
      className="access-code-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void submit();
      }}
    >
      <label htmlFor={ids.code}>Access code</label>
      <div className="access-code-row">
        <input
          ref={field}
          id={ids.code}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          maxLength={128}
          value={code}
          aria-invalid={problem !== null}
          aria-describedby={ids.problem}
          onChange={({ target: { value } }) => setCode(value)}
        />
        <button type="submit" className="button button-main" aria-disabled={isBusy}>
          {isBusy ? 'Please wait …' : 'Use code'}
        </button>
      </div>
      <p id={ids.problem} className={problem === null ? 'secondary-text' : 'status-text status-text-bad'}>
        {problem ?? 'Upper and lower case, spaces and hyphens do not matter.'}
      </p>
    </form>
  );
}
