import type { LineFinding } from '@usher/client';

/** Maximum number of findings that are shown per check. A manipulated line can have one finding per entry. */
const shownFindingsMax = 10;

/** Lists the first findings of a check. */
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
