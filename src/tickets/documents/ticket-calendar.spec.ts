import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { anyCharacter } from '../../../test/support/plain/any-character.js';
import { createTicketCalendar } from './ticket-calendar.js';

const show = {
  startsAt: '2031-03-30T19:30:00.000Z',
  endsAt: '2031-03-30T21:00:00.000Z',
  calledOff: false,
  movie: { title: 'A Test' },
  cinema: { name: 'Test', address: 'Street 1', postalCode: '10115', lat: 52.5, lon: 13.4 },
  hall: { name: 'Hall 1' },
};

interface Changes {
  readonly title?: string;
  readonly place?: string;
  readonly calledOff?: boolean;
  readonly termsVersion?: number;
  readonly statuses?: readonly ('valid' | 'used' | 'refunded')[];
}

function calendar({ title, place, calledOff = false, termsVersion, statuses = ['valid'] }: Changes = {}) {
  const { movie, cinema, hall } = show;
  const subject = {
    booking: { bookingId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071' },
    show: {
      ...show,
      calledOff,
      termsVersion,
      movie: { ...movie, title: title ?? movie.title },
      cinema: { ...cinema, name: place ?? cinema.name, address: place ?? cinema.address },
      hall: { name: place ?? hall.name },
    },
    tickets: statuses.map((status, n) => ({ label: `B${n + 1}`, status })),
    organizer: 'Usher <tickets@example.com>',
  };
  return createTicketCalendar(subject);
}

/** Reads a calendar file with a library other than the one that wrote the file. */
function read({ content }: { readonly content: Buffer }) {
  const file = ICAL.Component.fromString(content.toString());
  const event = file.getFirstSubcomponent('vevent')!;
  const alarm = event.getFirstSubcomponent('valarm');
  const value = (of: InstanceType<typeof ICAL.Component>, name: string): string =>
    String(of.getFirstPropertyValue(name));
  return {
    method: value(file, 'method'),
    of: (name: string) => value(event, name),
    alarm: alarm && value(alarm, 'description'),
  };
}

/** Cleans a text by the same rules as the calendar file: no control characters and no half surrogate pairs. */
const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();

const sequenceOf = (changes: Changes): number => Number(read(calendar(changes)).of('sequence'));

describe('a calendar file', () => {
  it('folds each line at 75 octets and never splits a character', () => {
    const title = '長い題名'.repeat(40) + '🎬'.repeat(40) + 'é'.repeat(99);
    const { content } = calendar({ title });
    let at = 0;
    for (const line of content.toString().split('\r\n')) {
      const octets = Buffer.byteLength(line);
      expect(octets).toBeLessThanOrEqual(75);
      // If a line ended inside a character, decoding the line as UTF-8 would change its bytes.
      expect(content.subarray(at, at + octets).toString()).toBe(line);
      at += octets + 2;
    }
    expect(read({ content }).of('summary')).toBe(title);
  });

  it('contains hostile names in a form from which another library reads the same names', () => {
    const hostile = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 300 }),
      fc.array(fc.constantFrom('\r', '\n', '\r\nATTACH:x', ';', ',', '\\', '\\n', '"', ':', '\u0000', '\u0085', '長', '🎬', '\ud83c', 'a'), { maxLength: 120 }).map((parts) => parts.join('')), // prettier-ignore
    );
    fc.assert(
      fc.property(hostile, hostile, (title, place) => {
        const file = calendar({ title: `x${title}`, place: `y${place}` });
        const lines = file.content.toString().split('\r\n');
        expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
        expect(lines.join('')).not.toMatch(/\p{Cc}/u);
        const { of, alarm } = read(file);
        expect([of('summary'), alarm]).toEqual([cleaned(`x${title}`), cleaned(`x${title}`)]);
        expect(of('location').replaceAll(/[\u2068\u2069]/g, '')).toContain(
          cleaned(`y${place}`).replaceAll(/[\u2068\u2069]/g, ''),
        );
        expect(file.content.toString().match(/^BEGIN:/gm)).toHaveLength(3);
      }),
    );
  });

  it('contains the creation time, the organizer and the method', () => {
    const file = calendar();
    expect(file.contentType).toBe('text/calendar; charset=utf-8; method=PUBLISH');
    const { method, of } = read(file);
    expect([method, of('uid'), of('status')]).toEqual([
      'PUBLISH',
      '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071@usher',
      'CONFIRMED',
    ]);
    expect(of('organizer')).toBe('mailto:tickets@example.com');
    expect(Math.abs(Date.parse(of('dtstamp')) - Date.now())).toBeLessThan(60_000);
  });

  it('cancels the entry if the show was called off or if all seats were given back', () => {
    for (const changes of [{ calledOff: true }, { statuses: ['refunded', 'refunded'] as const }]) {
      const file = calendar(changes);
      expect(file.contentType).toBe('text/calendar; charset=utf-8; method=CANCEL');
      const { method, of, alarm } = read(file);
      expect([method, of('status'), of('uid')]).toEqual([
        'CANCEL',
        'CANCELLED',
        '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071@usher',
      ]);
      expect(alarm).toBeNull();
    }
  });

  it('has a sequence that rises when the show is moved, when seats are given back, and when the show is called off', () => {
    const steps: Changes[] = [
      { termsVersion: 0, statuses: ['valid', 'valid'] },
      { termsVersion: 1, statuses: ['valid', 'valid'] },
      { termsVersion: 1, statuses: ['valid', 'refunded'] },
      { termsVersion: 2, statuses: ['valid', 'refunded'] },
      { termsVersion: 2, statuses: ['valid', 'refunded'], calledOff: true },
      { termsVersion: 2, statuses: ['refunded', 'refunded'], calledOff: true },
    ];
    const sequences = steps.map(sequenceOf);
    expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));
  });
});
