import ICAL from 'ical.js';
import type { ParsedMail } from 'mailparser';

/** Returns the main fields of a mail's calendar file, from its headers and its content. */
export function readCalendar({ attachments }: ParsedMail) {
  const file = attachments.find(({ filename }) => filename === 'show.ics')!;
  const { params } = file.headers.get('content-type') as { params: Record<string, string> };
  const event = new ICAL.Component(ICAL.parse(file.content.toString()) as unknown[]).getFirstSubcomponent('vevent')!;
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
