import type { Booking, Show, Ticket } from '@usher/contract';
import {
  ICalAlarmType,
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
  default as ical,
} from 'ical-generator';
import { isolateName } from '../../common/isolate-name.js';

/** A calendar file (RFC 5545) with its method (RFC 5546). */
export interface CalendarFile {
  readonly content: Buffer;
  /** `PUBLISH` adds or updates the booking's entry, and `CANCEL` cancels the entry. */
  readonly method: 'PUBLISH' | 'CANCEL';
  /** The media type, with the method as a parameter. */
  readonly contentType: string;
}

/** The data from which a booking's calendar entry is created. */
export interface CalendarSubject {
  readonly booking: Pick<Booking, 'bookingId'>;
  readonly show: Pick<Show, 'startsAt' | 'endsAt' | 'calledOff' | 'termsVersion'> & {
    readonly movie: Pick<Show['movie'], 'title'>;
    readonly cinema: Pick<Show['cinema'], 'name' | 'address' | 'postalCode' | 'lat' | 'lon'>;
    readonly hall: Pick<Show['hall'], 'name'>;
  };
  /** All tickets that the booking ever had. */
  readonly tickets: readonly Pick<Ticket, 'label' | 'status'>[];
  /** Sender address of the service's mails. Calendars accept a cancellation only from the organizer of the entry. */
  readonly organizer: string;
}

const alarmSeconds = 60 * 60;

/**
 * Creates the calendar file of a booking. A booking always has the same UID, and its SEQUENCE rises with each change that
 * buyers notice. So a calendar replaces the older entry.
 */
export function createTicketCalendar({ booking, show, tickets, organizer }: CalendarSubject): CalendarFile {
  const { cinema, hall, movie, calledOff } = show;
  const kept = tickets.filter(({ status }) => status !== 'refunded');
  const isCancelled = calledOff || kept.length === 0;
  const method = isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH;
  const title = toPlainText(movie.title);
  const place = [cinema.name, hall.name, cinema.address, cinema.postalCode].map((name) =>
    isolateName(toPlainText(name)),
  );
  const seats = (isCancelled ? tickets : kept).map(({ label }) => isolateName(toPlainText(label)));

  const calendar = ical({ prodId: { company: 'Usher', product: 'Tickets', language: 'EN' }, method });
  const event = calendar.createEvent({
    id: `${booking.bookingId}@usher`,
    // None of these three numbers ever decreases, and each change increases one of them. So the sum rises with each
    // change.
    sequence: (show.termsVersion ?? 0) + (tickets.length - kept.length) + (calledOff ? 1 : 0),
    start: new Date(show.startsAt),
    end: new Date(show.endsAt),
    summary: title,
    location: { title: place.join(', '), geo: { lat: cinema.lat, lon: cinema.lon } },
    description: `${seats.length === 1 ? 'Seat' : 'Seats'} ${seats.join(', ')}`,
    organizer: { name: toPlainText(cinema.name), email: extractAddress(organizer) },
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    busystatus: isCancelled ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
  });
  if (!isCancelled) event.createAlarm({ type: ICalAlarmType.display, trigger: alarmSeconds, description: title });
  return {
    content: Buffer.from(calendar.toString()),
    method,
    contentType: `text/calendar; charset=utf-8; method=${method}`,
  };
}

/**
 * Replaces control characters by spaces and half surrogate pairs by U+FFFD, because calendars refuse a file that contains
 * them (RFC 5545, 3.1).
 */
const toPlainText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();

/** Extracts the address from `Name <address>`. */
const extractAddress = (sender: string): string => /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
