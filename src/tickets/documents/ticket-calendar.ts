import type { Booking, Show, Ticket } from '@usher/contract';
import {
  ICalAlarmType,
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
  default as ical,
} from 'ical-generator';
import { isolateName } from '../../common/isolate-name.js';

/** A calendar file (RFC 5545), and what it asks a calendar to do (RFC 5546). */
export interface CalendarFile {
  readonly content: Buffer;
  /** `PUBLISH` adds or updates the booking's entry, `CANCEL` cancels it. */
  readonly method: 'PUBLISH' | 'CANCEL';
  /** The media type, with the method as a parameter. */
  readonly contentType: string;
}

/** What a booking's entry in a calendar is made from. */
export interface CalendarSubject {
  readonly booking: Pick<Booking, 'bookingId'>;
  readonly show: Show;
  /** All tickets that the booking ever had. */
  readonly tickets: readonly Pick<Ticket, 'label' | 'status'>[];
  /** Address of the sender of mails. Calendars accept a cancellation only from the organizer of the entry. */
  readonly organizer: string;
}

const alarmSeconds = 60 * 60;

/**
 * The booking's entry in a calendar. The same booking always has the same UID, and its SEQUENCE rises with each change that
 * buyers notice, so a calendar replaces its older entry.
 */
export function ticketCalendar({ booking, show, tickets, organizer }: CalendarSubject): CalendarFile {
  const { cinema, hall, movie, calledOff } = show;
  const kept = tickets.filter(({ status }) => status !== 'refunded');
  const isCancelled = calledOff || kept.length === 0;
  const method = isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH;
  const title = plainText(movie.title);
  const place = [cinema.name, hall.name, cinema.address, cinema.postalCode].map((name) => isolateName(plainText(name)));
  const seats = (isCancelled ? tickets : kept).map(({ label }) => isolateName(plainText(label)));

  const calendar = ical({ prodId: { company: 'Usher', product: 'Tickets', language: 'EN' }, method });
  const event = calendar.createEvent({
    id: `${booking.bookingId}@usher`,
    // Each term only grows, and each change lets one of them grow.
    sequence: (show.termsVersion ?? 0) + (tickets.length - kept.length) + (calledOff ? 1 : 0),
    start: new Date(show.startsAt),
    end: new Date(show.endsAt),
    summary: title,
    location: { title: place.join(', '), geo: { lat: cinema.lat, lon: cinema.lon } },
    description: `${seats.length === 1 ? 'Seat' : 'Seats'} ${seats.join(', ')}`,
    organizer: { name: plainText(cinema.name), email: addressOf(organizer) },
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

/** Calendars refuse a file with a control character or half a character in it (RFC 5545, 3.1), so these become spaces. */
const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();

/** The address in `Name <address>`. */
const addressOf = (sender: string): string => /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
