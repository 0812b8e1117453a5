import { Link } from 'wouter';
import { Page } from '../ui/page.js';

/** The page for a booking that was made in another browser. A phone that has paid by scanning a code also opens it. */
export const ForeignBooking = () => (
  <Page title="Your booking" lead="This booking was made in another browser.">
    <p>
      The browser in which you chose the seats shows the booking. If you have just paid for it on this device, go back
      to the other device. It shows your tickets automatically.
    </p>
    <p>The link in the newest e-mail about the booking opens it on any device.</p>
    <CityButton />
  </Page>
);

/** The page for a link that has expired, was revoked, or is incomplete. */
export const InvalidLink = () => (
  <Page title="Your booking" lead="This link no longer opens the booking.">
    <p role="alert">
      The link has expired, a newer link replaced it, or it is incomplete. The newest e-mail about the booking has a
      valid link. The box office can also find the booking with the code in the e-mail.
    </p>
    <CityButton />
  </Page>
);

const CityButton = () => (
  <p>
    <Link href="/" className="button">
      Choose a city
    </Link>
  </p>
);
