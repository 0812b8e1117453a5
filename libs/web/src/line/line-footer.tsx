import type { ReactNode } from 'react';

interface LineFooterProps {
  readonly showId: number;
  readonly children: ReactNode;
}

/** Shows actions of a place in line, and a link to the page that checks the order of the line. */
export function LineFooter({ showId, children }: LineFooterProps) {
  return (
    <p className="actions line-footer">
      {children}
      {/* Opens a new tab, because the buyer must stay on this page until it is their turn. */}
      <a href={`/shows/${showId}/proof`} target="_blank" rel="noopener" className="button">
        Check that the line is fair <span className="visually-hidden">(opens a new tab)</span>
        <span aria-hidden="true">&nbsp;↗</span>
      </a>
    </p>
  );
}
