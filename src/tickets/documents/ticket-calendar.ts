import type { Show } from '@usher/contract';
import { createEvent } from 'ics';

/** A show as a calendar file (RFC 5545), with the seats that somebody has there. */
export function ticketCalendar(bookingId: string, show: Show, seats: readonly string[]): string {
  const { cinema, hall, movie } = show;
  const { error, value } = createEvent({
    uid: `${bookingId}@usher`,
    productId: 'usher',
    title: movie.title,
    start: Date.parse(show.startsAt),
    end: Date.parse(show.endsAt),
    startOutputType: 'utc',
    endOutputType: 'utc',
    location: `${cinema.name}, ${hall.name}, ${cinema.address}, ${cinema.postalCode}`,
    geo: { lat: cinema.lat, lon: cinema.lon },
    description: `${seats.length === 1 ? 'Seat' : 'Seats'} ${seats.join(', ')}`,
    status: show.calledOff ? 'CANCELLED' : 'CONFIRMED',
    busyStatus: 'BUSY',
    alarms: [{ action: 'display', description: movie.title, trigger: { hours: 1, before: true } }],
  });
  if (value === undefined || value === null) throw error ?? new Error('no calendar file was made');
  return value;
}
