import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import './page.css';

/** One step back on the way from the city to the seat. */
export interface Crumb {
  readonly href: string;
  readonly text: string;
}

interface PageProps {
  /** Heading of the page and, with the app's name, the window's title. */
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** Before the window's title, for who looks at other windows meanwhile. */
  readonly status?: string | undefined;
  /** A line under the heading. */
  readonly lead?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A page's frame. On arrival from another page of the app the heading gets the focus, so that it is read out. */
export function Page({ title, status, crumbs = [], lead, className, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = status === undefined ? `${title} · Usher` : `${status} · ${title} · Usher`;
  }, [title, status]);

  useEffect(() => {
    if (arrivals > 0) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    arrivals += 1;
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

// The first page's heading is left alone: the browser itself reads a freshly loaded document from its top.
let arrivals = 0;
