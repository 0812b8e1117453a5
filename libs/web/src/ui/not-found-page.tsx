import { Link } from 'wouter';
import { Page } from './page.js';

/** The page for an address that does not exist. */
export function NotFoundPage() {
  return (
    <Page title="Page not found" lead="There is no page at this address.">
      <p>
        <Link href="/" className="button">
          Choose a city
        </Link>
      </p>
    </Page>
  );
}
