import type { LineEvent } from '@usher/client';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { rememberBookings } from '../bookings/known-bookings.js';
import { useAnnounce } from '../ui/announcer.js';
import { useUsher } from '../service/usher-context.js';
import { describeLineEnd } from './line-text.js';
import './line.css';

/** What became of a place in line while its holder looks at another page, and the way to the show. */
export function LineNewsBanner() {
  const usher = useUsher();
  const announce = useAnnounce();
  const [location] = useLocation();
  const [news, setNews] = useState<LineEvent | null>(null);

  // The show's own page says it better, and whoever goes there has read the news.
  if (news !== null && location === pathOf(news)) setNews(null);

  useEffect(
    () =>
      usher.onLine((event) => {
        // Whoever loads another page, and with it loses this news, finds the seats by it.
        if (event.type === 'offer') rememberBookings([event.booking]);
        // By the address of this moment: the effect must not listen anew, and miss something, at every step.
        if (window.location.pathname === pathOf(event)) return;
        const words = describeLineEvent(event);
        if (words === null) return;
        setNews(event);
        announce(words, 'assertive');
      }),
    [usher, announce],
  );

  const words = news && describeLineEvent(news);
  if (news === null || words === null) return null;
  return (
    <aside className="line-news" aria-label="News of your place in line">
      <p>
        <strong>{words}</strong>
      </p>
      <p className="actions">
        <Link href={pathOf(news)} className="button button-main">
          Open the show
        </Link>
        <button type="button" className="button" onClick={() => setNews(null)}>
          Dismiss
        </button>
      </p>
    </aside>
  );
}

const pathOf = ({ showId }: LineEvent): string => `/shows/${showId}`;

/** Null for what is no news: a stay ends with leaving the show's page. */
function describeLineEvent(event: LineEvent): string | null {
  if (event.type === 'offer') return 'Seats were found for you, and are held for a short time.';
  if (event.type === 'admitted') return 'It is your turn: the hall is open to you for a short time.';
  return event.end.reason === 'stayEnded' ? null : `${describeLineEnd(event.end).title}.`;
}
