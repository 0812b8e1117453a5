import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import './page.css';

/** A link to one of the pages that lead from the list of cities to the current page. */
export interface Crumb {
  readonly href: string;
  readonly text: string;
}

interface PageProps {
  /** Heading of the page. The window's title contains it too. */
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** Status at the start of the window's title. A user who looks at another window can see it there. */
  readonly status?: string | undefined;
  /** Text under the heading. */
  readonly lead?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * Renders the frame of a page. When the user comes from another page of the app, the heading gets the focus, so a screen
 * reader reads it.
 */
export function Page({ title, status, crumbs = [], lead, className, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = status === undefined ? `${title} · Usher` : `${status} · ${title} · Usher`;
  }, [title, status]);

  useEffect(() => {
    if (pageCount > 0) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    pageCount += 1;
  }, []);

  return (
    <main id="main" className={className}>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol className="crumbs">
            {crumbs.map(({ href, text }) => (
              <li key={href}>
                <Link href={href}>{text}</Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {children}
    </main>
  );
}

// Number of pages that the app has shown since the document was loaded. The heading of the first page gets no focus,
// because screen readers read a new document from its top anyway.
let pageCount = 0;
