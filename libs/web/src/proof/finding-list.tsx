import type { LineFinding } from '@usher/client';

/** Findings shown of one check: a line that was tampered with may have one for every entry. */
const shownFindingsMax = 10;

/** What does not hold, the first ones of it. */
export function FindingList({ findings }: { readonly findings: readonly LineFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="proof-findings">
      {findings.slice(0, shownFindingsMax).map(({ n, text }) => (
        <li key={`${n} ${text}`}>
          {n !== null && `Entry ${n}: `}
          {text}
        </li>
      ))}
      {findings.length > shownFindingsMax && <li>… and {findings.length - shownFindingsMax} more</li>}
    </ul>
  );
}
