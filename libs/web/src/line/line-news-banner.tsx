import type { LineEvent } from '@usher/client';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { rememberBookings } from '../bookings/known-bookings.js';
import { useUsher } from '../service/usher-context.js';
import { useAnnounce } from '../ui/announcer.js';
import { describeLineEnd } from './line-text.js';
import './line.css';

/** While the buyer looks at another page, shows news about the buyer's place in line with a link to the show. */
export function LineNewsBanner() {
  const usher = useUsher();
  const announce = useAnnounce();
  const [location] = useLocation();
  const [news, setNews] = useState<LineEvent | null>(null);

  // On the show's own page, the news is not needed any more.
  if (news !== null && location === getShowPath(news)) setNews(null);

  useEffect(
    () =>
      usher.onLine((event) => {
        // A reload removes the banner. The buyer then finds the seats on the page "My tickets".
        if (event.type === 'offer') rememberBookings([event.booking]);
        // Reads the current address instead of `location`. Otherwise the effect would subscribe again after every
        // navigation and could miss an event.
        if (window.location.pathname === getShowPath(event)) return;
        const text = describeLineEvent(event);
        if (text === null) return;
        setNews(event);
        announce(text, 'assertive');
      }),
    [usher, announce],
  );

  const text = news && describeLineEvent(news);
  if (news === null || text === null) return null;
  return (
    <aside className="line-news" aria-label="News about your place in line">
      <p>
        <strong>{text}</strong>
      </p>
      <p className="actions">
        <Link href={getShowPath(news)} className="button button-main">
          Open the show
        </Link>
        <button type="button" className="button" onClick={() => setNews(null)}>
          Dismiss
        </button>
      </p>
    </aside>
  );
}

const getShowPath = ({ showId }: LineEvent): string => `/shows/${showId}`;

/** Returns the text of the banner. Returns null for an ended stay, because leaving the show's page ends the stay. */
function describeLineEvent(event: LineEvent): string | null {
  if (event.type === 'offer') return 'Seats were found for you. We hold them for a short time.';
  if (event.type === 'admitted') return 'It is your turn. You can enter the hall for a short time.';
  return event.end.reason === 'stayEnded' ? null : `${describeLineEnd(event.end).title}.`;
}
