import ICAL from 'ical.js';
import type { ParsedMail } from 'mailparser';
import { z } from 'zod';
import { validate } from './contract-shapes.js';

const ContentType = z.object({ params: z.record(z.string(), z.string()) });

/** Returns the main fields of a mail's calendar file, from its headers and its content. */
export function readCalendar({ attachments }: ParsedMail) {
  const file = attachments.find(({ filename }) => filename === 'show.ics')!;
  const { params } = validate(ContentType, file.headers.get('content-type'));
  const event = ICAL.Component.fromString(file.content.toString()).getFirstSubcomponent('vevent')!;
  const [status, sequence, uid, start] = ['status', 'sequence', 'uid', 'dtstart'].map((name) =>
    event.getFirstPropertyValue(name),
  );
  return {
    charset: params['charset'],
    method: params['method'],
    status,
    sequence: Number(sequence),
    uid,
    start: String(start),
  };
}
