import { type LineReport, type LineTicketState, parseQueueReceipt, type PlaceReport, verifyPlace } from '@usher/client';
import type { LineName, QueueProof } from '@usher/contract';
import { useCallback, useId, useMemo, useState } from 'react';
import { findStoredReceipt, type StoredReceipt } from '../line/receipt-storage.js';
import { useLoad } from '../service/use-load.js';
import { useAnnounce } from '../ui/announcer.js';
import { FindingList } from './finding-list.js';

interface ReceiptPanelProps {
  readonly proof: QueueProof;
  readonly report: LineReport;
  readonly showId: number;
  readonly line: LineName;
}

/** Result of a check: the place of the receipt, or why the receipt could not be checked. */
type ReceiptAnswer = { readonly place: PlaceReport } | { readonly problem: string };

/** Checks the receipt that this browser has stored, if there is one. Also checks any receipt that the user pastes. */
export function ReceiptChecks(props: ReceiptPanelProps) {
  const { showId, line } = props;
  const own = useMemo(() => findStoredReceipt(showId, line), [showId, line]);
  return (
    <>
      {own !== null && <OwnReceipt {...props} own={own} />}
      <PastedReceipt {...props} title={own === null ? 'Check a receipt' : 'Check another receipt'} />
    </>
  );
}

function OwnReceipt({ proof, report, showId, line, own }: ReceiptPanelProps & { readonly own: StoredReceipt }) {
  const title = useId();
  const load = useLoad(
    useCallback(() => verifyPlace({ proof, report, showId, line, ...own }), [proof, report, showId, line, own]),
  );
  return (
    <section className="panel" aria-labelledby={title}>
      <h2 id={title}>Your own place</h2>
      {load.state === 'ready' && <PlaceResult report={load.value} />}
      {load.state === 'failed' && <p>Your receipt could not be checked.</p>}
      <p className="secondary-text">This browser stored the receipt of its last place in this line.</p>
    </section>
  );
}

/** Checks a receipt that the user pastes. */
function PastedReceipt({ proof, report, showId, line, title }: ReceiptPanelProps & { readonly title: string }) {
  const announce = useAnnounce();
  const [answer, setAnswer] = useState<ReceiptAnswer | null>(null);
  const titleId = useId();

  const check = async (text: string, sessionId: string) => {
    const queue = parseQueueReceipt(parseJson(text));
    const next: ReceiptAnswer =
      queue === null || sessionId === ''
        ? { problem: 'Paste the answer of the service with your place in line, and the id of your session.' }
        : { place: await verifyPlace({ proof, report, showId, line, queue, sessionId }) };
    setAnswer(next);
    announce(
      'problem' in next ? next.problem : describeReceipt(next.place),
      'problem' in next ? 'assertive' : 'polite',
    );
  };
  const showError = (error: unknown) =>
    setAnswer({ problem: error instanceof Error ? error.message : 'The receipt could not be checked.' });

  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      <ReceiptForm onSubmit={(text, sessionId) => void check(text, sessionId).catch(showError)} />
      {answer !== null && ('problem' in answer ? <p>{answer.problem}</p> : <PlaceResult report={answer.place} />)}
    </section>
  );
}

interface ReceiptFormProps {
  readonly onSubmit: (text: string, sessionId: string) => void;
}

function ReceiptForm({ onSubmit }: ReceiptFormProps) {
  const [text, setText] = useState('');
  const [sessionId, setSessionId] = useState('');
  const ids = { queue: useId(), session: useId(), help: useId() };
  return (
    <form
      className="proof-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(text, sessionId.trim().toLowerCase());
      }}
    >
      <label htmlFor={ids.queue}>Place in line</label>
      <textarea
        id={ids.queue}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        aria-describedby={ids.help}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <p id={ids.help} className="secondary-text">
        Paste the JSON answer that the service sent when you joined the line or asked for your place. The text stays in
        your browser.
      </p>
      <label htmlFor={ids.session}>Session</label>
      <input
        id={ids.session}
        type="text"
        spellCheck={false}
        autoComplete="off"
        value={sessionId}
        onChange={(event) => setSessionId(event.target.value)}
      />
      <p className="actions">
        <button type="submit" className="button">
          Check this receipt
        </button>
      </p>
    </form>
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The form then explains what to paste.
    return null;
  }
}

/** Texts for the state of a line ticket. The ticket's last entry in the chain decides its state. */
const stateTexts: Readonly<Record<LineTicketState, string>> = {
  join: 'It is still waiting.',
  leave: 'It left the line.',
  expire: 'It expired.',
  admit: 'It was admitted.',
  offer: 'It was offered seats.',
  lapse: 'It missed its turn.',
};

const describeReceipt = ({ findings, lineTicket }: PlaceReport): string =>
  findings.length === 0
    ? `The receipt of line ticket ${lineTicket} is valid.`
    : `The receipt of line ticket ${lineTicket} is not valid.`;

/** Shows the place that belongs to a receipt, and the findings about the receipt. */
function PlaceResult({ report }: { readonly report: PlaceReport }) {
  const { findings, place, ahead, state } = report;
  return (
    <div
      className={`notice ${findings.length === 0 ? 'notice-good' : 'notice-bad'}`}
      data-receipt={findings.length === 0 ? 'good' : 'bad'}
    >
      <p>
        <strong>{describeReceipt(report)}</strong>{' '}
        {place === null ? 'It has no place yet.' : `Its place is ${place}. Still waiting ahead of it: ${ahead}.`}{' '}
        {state !== null && stateTexts[state]}
      </p>
      <FindingList findings={findings} />
    </div>
  );
}
