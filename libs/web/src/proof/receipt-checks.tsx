import { type LineReport, type LineTicketState, parseQueueReceipt, type PlaceReport, verifyPlace } from '@usher/client';
import type { LineName, QueueProof } from '@usher/contract';
import { useCallback, useId, useMemo, useState } from 'react';
import { type StoredReceipt, findStoredReceipt } from '../line/receipt-storage.js';
import { useAnnounce } from '../ui/announcer.js';
import { useLoad } from '../service/use-load.js';
import { FindingList } from './finding-list.js';

interface ReceiptPanelProps {
  readonly proof: QueueProof;
  readonly report: LineReport;
  readonly showId: number;
  readonly line: LineName;
}

/** What came of a receipt: its place, or why there was nothing to check. */
type ReceiptAnswer = { readonly place: PlaceReport } | { readonly problem: string };

/** Says where the receipt of this browser's own place stands in the order, where it has one, and checks any other. */
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
  const loaded = useLoad(
    useCallback(() => verifyPlace({ proof, report, showId, line, ...own }), [proof, report, showId, line, own]),
  );
  return (
    <section className="panel" aria-labelledby={title}>
      <h2 id={title}>Your own place</h2>
      {loaded.state === 'ready' && <PlaceResult place={loaded.value} />}
      {loaded.state === 'failed' && <p>It could not be checked.</p>}
      <p className="secondary-text">
        This browser kept the receipt that it was given with its last place in this line.
      </p>
    </section>
  );
}

/** Checks a receipt that is pasted in. */
function PastedReceipt({ proof, report, showId, line, title }: ReceiptPanelProps & { readonly title: string }) {
  const announce = useAnnounce();
  const [text, setText] = useState('');
  const [sessionId, setSessionId] = useState('');
  const [answer, setAnswer] = useState<ReceiptAnswer | null>(null);
  const ids = { title: useId(), queue: useId(), session: useId(), help: useId() };

  const check = async () => {
    const queue = parseQueueReceipt(parseJson(text));
    const session = sessionId.trim().toLowerCase();
    const next: ReceiptAnswer =
      queue === null || session === ''
        ? { problem: 'Paste your place in line as the service answered it, and the number of your session.' }
        : { place: await verifyPlace({ proof, report, showId, line, queue, sessionId: session }) };
    setAnswer(next);
    announce(
      'problem' in next ? next.problem : describeReceipt(next.place),
      'problem' in next ? 'assertive' : 'polite',
    );
  };
  const failed = (error: unknown) => setAnswer({ problem: error instanceof Error ? error.message : 'Not checked.' });

  return (
    <section className="panel" aria-labelledby={ids.title}>
      <h2 id={ids.title}>{title}</h2>
      <form
        className="proof-form"
        onSubmit={(event) => {
          event.preventDefault();
          check().catch(failed);
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
          The JSON that the service answered when you joined, or when you asked for your place. It stays in your
          browser.
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
      {answer !== null && ('problem' in answer ? <p>{answer.problem}</p> : <PlaceResult place={answer.place} />)}
    </section>
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no place in line either; the form says what it wants.
    return null;
  }
}

/** What has become of a ticket, by the last thing that happened to it. */
const stateTexts: Readonly<Record<LineTicketState, string>> = {
  join: 'It is still waiting.',
  leave: 'It left the line.',
  expire: 'It expired.',
  admit: 'It was admitted.',
  offer: 'It was offered seats.',
  lapse: 'It was served, but did not come in time.',
};

const describeReceipt = ({ findings, lineTicket }: PlaceReport): string =>
  findings.length === 0
    ? `The receipt of ticket ${lineTicket} is good.`
    : `The receipt of ticket ${lineTicket} does not hold.`;

/** Where a receipt stands, and what does not hold about it. */
function PlaceResult({ place: found }: { readonly place: PlaceReport }) {
  const { findings, place, ahead, state } = found;
  return (
    <div
      className={`notice ${findings.length === 0 ? 'notice-good' : 'notice-bad'}`}
      data-receipt={findings.length === 0 ? 'good' : 'bad'}
    >
      <p>
        <strong>{describeReceipt(found)}</strong>{' '}
        {place === null ? 'It has no place yet.' : `Place ${place}, with ${ahead} still waiting before it.`}{' '}
        {state !== null && stateTexts[state]}
      </p>
      <FindingList findings={findings} />
    </div>
  );
}
