import { canVerify, fetchProof, type LineCheck, type LineReport, verifyLine } from '@usher/client';
import type { LineName, QueueProof } from '@usher/contract';
import { useCallback, useEffect, useState } from 'react';
import { useLoad } from '../service/use-load.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatCount } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { FindingList } from './finding-list.js';
import { ReceiptChecks } from './receipt-checks.js';
import './proof-page.css';

const lineNames: readonly (readonly [LineName, string])[] = [
  ['entry', 'Waiting room'],
  ['seats', 'Line for seats'],
];

/** The page that checks the order of a show's lines in the browser, from the data that the service has published. */
export function ProofPage({ showId }: { readonly showId: number }) {
  const [line, setLine] = useState<LineName>('entry');
  return (
    <Page
      title="Check the line"
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: `/shows/${showId}`, text: 'Show' },
      ]}
      lead="Your browser computes the order of the line again from the published data, so you need not trust the service."
    >
      <fieldset className="option-bar">
        <legend>Line</legend>
        {lineNames.map(([name, text]) => (
          <label key={name} className="option">
            <input
              type="radio"
              name="line"
              value={name}
              checked={name === line}
              onChange={() => setLine(name)}
              className="visually-hidden"
            />
            <span>{text}</span>
          </label>
        ))}
      </fieldset>
      {canVerify() ? (
        <LineProof key={line} showId={showId} line={line} />
      ) : (
        <CannotVerify showId={showId} line={line} />
      )}
    </Page>
  );
}

interface LineProofProps {
  readonly showId: number;
  readonly line: LineName;
}

/**
 * Explains how to check the line if the page came without TLS. Browsers offer WebCrypto only with TLS, because without
 * TLS anyone on the network could change the page.
 */
function CannotVerify({ showId, line }: LineProofProps) {
  return (
    <div className="notice notice-warn">
      <p>
        <strong>This page came over an unprotected connection.</strong> Your browser cannot run the checks on such a
        page. Open the page over https, or run this command in a copy of the program:
      </p>
      <p>
        <code className="proof-code">
          npm run verify-line -- {window.location.origin} {showId} --line {line}
        </code>
      </p>
    </div>
  );
}

function LineProof({ showId, line }: LineProofProps) {
  const read = useCallback(async () => {
    const proof = await fetchProof(window.location.origin, showId, line);
    return { proof, report: await verifyLine({ proof, line }) };
  }, [showId, line]);
  const load = useLoad(read);
  if (load.state === 'ready') return <LineResult {...load.value} showId={showId} line={line} />;
  if (load.state === 'loading') {
    return (
      <p className="loading" role="status">
        Loading and checking the line …
      </p>
    );
  }
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <strong>Could not check the line.</strong> {load.error instanceof Error ? load.error.message : ''}
      </p>
      <button type="button" className="button" onClick={load.retry}>
        Try again
      </button>
    </div>
  );
}

interface LineResultProps extends LineProofProps {
  readonly proof: QueueProof;
  readonly report: LineReport;
}

function LineResult({ proof, report, showId, line }: LineResultProps) {
  const announce = useAnnounce();
  const isEmpty = proof.chain.length === 0;
  const result = report.isValid
    ? isEmpty
      ? 'Nobody has joined this line yet.'
      : 'All checks passed.'
    : `The checks failed with ${formatCount(report.findings.length, 'finding')}.`;
  useEffect(() => announce(result), [announce, result]);
  return (
    <>
      <section className={`panel ${report.isValid ? 'panel-hold' : 'notice-bad'}`} aria-labelledby="proof-checks">
        <h2 id="proof-checks">{result}</h2>
        <ul className="proof-checks">
          {report.checks.map((check) => (
            <CheckItem key={check.name} check={check} />
          ))}
        </ul>
      </section>
      <ReceiptChecks proof={proof} report={report} showId={showId} line={line} />
      <LineCounts report={report} line={line} />
      <PublishedValues proof={proof} />
    </>
  );
}

const checkMarks: Readonly<Record<LineCheck['state'], { mark: string; word: string }>> = {
  passed: { mark: '✓', word: 'Passed' },
  failed: { mark: '✗', word: 'Failed' },
  skipped: { mark: '–', word: 'Nothing to check' },
};

function CheckItem({ check: { name, title, state, note, findings } }: { readonly check: LineCheck }) {
  const { mark, word } = checkMarks[state];
  return (
    <li data-check={name} data-state={state}>
      <span aria-hidden="true">{mark}</span>
      <div>
        <p>
          <strong>{word}:</strong> {title}
          {note !== null && <span className="secondary-text"> ({note})</span>}
        </p>
        <FindingList findings={findings} />
      </div>
    </li>
  );
}

function LineCounts({ report: { counts }, line }: { readonly report: LineReport; readonly line: LineName }) {
  const { lineTickets, lobby, states, offersOutOfOrder } = counts;
  const rows: readonly (readonly [string, number])[] = [
    ['Line tickets issued', lineTickets],
    ['In the lobby', lobby],
    ['Waiting now', states.join],
    [line === 'entry' ? 'Admitted' : 'Offered seats', states.admit + states.offer],
    ['Missed their turn', states.lapse],
    ['Left', states.leave],
    ['Expired', states.expire],
    ...(line === 'seats' ? ([['Offers out of order, because the seats did not fit', offersOutOfOrder]] as const) : []),
  ];
  return (
    <section className="panel" aria-labelledby="proof-counts">
      <h2 id="proof-counts">The line in numbers</h2>
      <dl className="proof-facts">
        {rows.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count.toLocaleString('en-GB')}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function PublishedValues({ proof: { publicKey, commitment, seed, chain } }: { readonly proof: QueueProof }) {
  const last = chain.at(-1);
  const rows: readonly (readonly [string, string | null, string])[] = [
    ['Public key', publicKey, ''],
    ['Commitment', commitment, 'None, because this line has no lobby'],
    [
      'Seed',
      seed,
      commitment === null
        ? 'None, because this line has no lobby'
        : 'Not published yet. The service publishes it with the shuffle.',
    ],
    [`Last hash (entry ${chain.length})`, last?.hash ?? null, 'None, because nobody has joined'],
  ];
  return (
    <section className="panel" aria-labelledby="proof-published">
      <h2 id="proof-published">What the service has published</h2>
      <dl className="proof-facts">
        {rows.map(([name, value, placeholder]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value === null ? placeholder : <code className="proof-code">{value}</code>}</dd>
          </div>
        ))}
      </dl>
      {commitment !== null && (
        <p className="secondary-text">
          If you wrote the commitment down before the lobby opened, compare it. It must be the same.
        </p>
      )}
    </section>
  );
}
