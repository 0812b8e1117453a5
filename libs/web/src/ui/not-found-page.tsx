import { Link } from 'wouter';
import { Page } from './page.js';

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  return (
    <Page title="Page not found" lead="There is nothing at this address.">
      <p>
        <Link href="/" className="button">
          Choose a city
        </Link>
      </p>
    </Page>
  );
}
