import {
  toBookingCode,
  formatMoney,
  type Layout,
  type Money,
  type Show,
  type Ticket,
  appendOffsetIfRepeated,
} from '@usher/contract';
import { isolateName } from '../../common/isolate-name.js';

/** What is printed on a ticket, as text. */
export interface TicketFace {
  readonly title: string;
  readonly when: string;
  readonly cinema: string;
  readonly address: string;
  readonly hall: string;
  /** "D12" */
  readonly seat: string;
  /** Where it is, each empty where that is not known any more. */
  readonly section: string;
  readonly row: string;
  /** "Stalls, row D, seat 12" */
  readonly place: string;
  readonly price: string;
  /** "Booking D7M-2QDX", by which the box office finds it. */
  readonly bookingCode: string;
  readonly ticketId: string;
  /** What the QR says. */
  readonly code: string;
}

/** When a show begins, on the clocks of its cinema: "Sun, 25 October 2026, 02:30 (UTC+2)" if they show that time twice. */
export function whenOf({ startsAt, cinema: { timeZone } }: Show): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const text = format.format(new Date(startsAt)).replace(' at ', ', ');
  return appendOffsetIfRepeated(text, Date.parse(startsAt), timeZone);
}

/** @param price of the ticket's seat, or null where it is not known any more */
export function ticketFace(ticket: Ticket, show: Show, layout: Layout, price: Money | null): TicketFace {
  const { cinema } = show;
  const place = layout.seats[ticket.seat];
  return {
    title: show.movie.title,
    when: whenOf(show),
    cinema: cinema.name,
    address: `${isolateName(cinema.address)}, ${cinema.postalCode}`,
    hall: show.hall.name,
    seat: ticket.label,
    section: place?.section ?? '',
    row: place?.row ?? '',
    place: place
      ? `${isolateName(place.section)}, row ${isolateName(place.row)}, seat ${place.number}`
      : `Seat ${isolateName(ticket.label)}`,
    price: price === null ? '' : formatMoney(price),
    bookingCode: `Booking ${toBookingCode(ticket.bookingId)}`,
    ticketId: ticket.ticketId,
    code: ticket.code,
  };
}
