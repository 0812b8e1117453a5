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

/** The texts that are printed on a ticket. */
export interface TicketFace {
  readonly title: string;
  readonly start: string;
  readonly cinema: string;
  readonly address: string;
  readonly hall: string;
  /** Label of the seat, for example "D12". */
  readonly seat: string;
  /** Section of the seat. Empty if the hall's layout does not contain the seat any more. */
  readonly section: string;
  /** Row of the seat. Empty if the hall's layout does not contain the seat any more. */
  readonly row: string;
  /** Position of the seat in words, for example "Stalls, row D, seat 12". */
  readonly place: string;
  readonly price: string;
  /** Short code with which the box office finds the booking, for example "Booking D7M-2QDX". */
  readonly bookingCode: string;
  readonly ticketId: string;
  /** Content of the QR code. */
  readonly code: string;
}

/** The fields of a show that its tickets contain. */
interface PrintedShow extends Pick<Show, 'startsAt'> {
  readonly movie: Pick<Show['movie'], 'title'>;
  readonly cinema: Pick<Show['cinema'], 'name' | 'address' | 'postalCode' | 'timeZone'>;
  readonly hall: Pick<Show['hall'], 'name'>;
}

/**
 * Formats the start of a show in the local time of its cinema. If the clocks show that time twice because summer time
 * ends, the text contains the offset: "Sun, 25 October 2026, 02:30 (UTC+2)".
 */
export function formatShowStart({
  startsAt,
  cinema: { timeZone },
}: Pick<Show, 'startsAt'> & { readonly cinema: Pick<Show['cinema'], 'timeZone'> }): string {
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

/** Creates the texts of a ticket. @param price price of the seat, or null if the price is not known any more */
export function createTicketFace(
  ticket: Ticket,
  show: PrintedShow,
  layout: Pick<Layout, 'seats'>,
  price: Money | null,
): TicketFace {
  const { cinema } = show;
  const place = layout.seats[ticket.seat];
  return {
    title: show.movie.title,
    start: formatShowStart(show),
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
