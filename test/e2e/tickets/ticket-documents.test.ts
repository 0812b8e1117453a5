import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Booking, type Ticket, toBookingCode } from '@usher/contract';
import ICAL from 'ical.js';
import { setUpApp } from '../../support/file-app.js';
import { book, refund } from '../../support/book-seats.js';
import { describeWithPdfTools, listPdfFonts, printPdf, readQr, readPdfText } from '../../support/pdf-printing.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf, verifyTicketCode } from '../../support/tickets.js';

const app = setUpApp();
let buyer: RestCaller;
let booking: Booking;
let tickets: Ticket[];

beforeAll(async () => {
  buyer = await RestCaller.begin(app.url);
  const showId = await makeShow(app.pool, { startsAt: new Date('2031-03-30T19:30:00.000Z') });
  // The standard fonts of PDF lack these letters, and the text is longer than a line.
  await app.pool.query('update movie set title = $1', [
    'Ďáblova past: Кино и немцы – Οι Φίλοι, an uncommonly long title',
  ]);
  await app.pool.query('update cinema set address = $1, name = $2', ['東京都新宿区 1-2-3', 'सिनेमा क्षत्रिय']);
  await app.pool.query('update hall set name = $1', ['אולם (2026) VIP']);
  booking = await book(app.pool, buyer, showId, [12, 13, 14, 15]);
  tickets = await fetchTicketsOf(buyer, booking.bookingId);
});

async function fetchDocument(accept: string, query = '', bookingId = booking.bookingId) {
  const answer = await fetch(`${app.url}/v1/bookings/${bookingId}/tickets${query}`, {
    headers: { accept, authorization: `Bearer ${buyer.session.token}` },
  });
  return { answer, content: Buffer.from(await answer.arrayBuffer()) };
}

describe('the documents of a booking', () => {
  it('are JSON unless the client asks for a PDF or a calendar file', async () => {
    for (const accept of ['*/*', 'application/json', 'image/png']) {
      const { answer, content } = await fetchDocument(accept);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
      expect(JSON.parse(content.toString())).toEqual({ items: tickets, nextCursor: null });
    }
  });

  it('are a PDF or a calendar file on request', async () => {
    const { answer, content } = await fetchDocument('application/pdf');
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tickets.pdf"');
    expect(content.subarray(0, 5).toString()).toBe('%PDF-');
    const file = await fetchDocument('text/calendar');
    expect(file.answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8; method=PUBLISH');
    const calendar = file.content.toString().replaceAll(/\r\n[ \t]/g, '');
    expect(calendar).toContain('DTSTART:20310330T193000Z\r\n');
    expect(calendar).toContain('DTEND:20310330T210000Z\r\n');
    expect(calendar).toContain('SUMMARY:Ďáblova past: Кино и немцы');
    expect(calendar).toContain('Seats B3\\, B4\\, B5\\, B6');
    expect(calendar).toContain(`UID:${booking.bookingId}@usher`);
  });

  it('are refused for an unknown paper size', async () => {
    expect((await fetchDocument('application/pdf', '?paper=letter')).answer.status).toBe(400);
  });

  it('do not include a PDF for seats that were given back', async () => {
    const otherBooking = await book(app.pool, buyer, booking.showId, [0]);
    await refund(app.pool, buyer, otherBooking, [0]);
    const { answer, content } = await fetchDocument('application/pdf', '', otherBooking.bookingId);
    expect([answer.status, JSON.parse(content.toString())]).toMatchObject([409, { code: 'BOOKING_STATE' }]);
  });

  it('cancel the calendar entry of a buyer who gave all seats back', async () => {
    const showId = await makeShow(app.pool);
    const otherBooking = await book(app.pool, buyer, showId, [0, 1]);
    const readCalendarEntry = async () => {
      const { answer, content } = await fetchDocument('text/calendar', '', otherBooking.bookingId);
      const type = answer.headers.get('content-type');
      const event = ICAL.Component.fromString(content.toString()).getFirstSubcomponent('vevent')!;
      const [status, sequence, uid] = ['status', 'sequence', 'uid'].map((name) => event.getFirstPropertyValue(name));
      return { type, status, sequence: Number(sequence), uid };
    };
    const beforeRefund = await readCalendarEntry();
    expect(beforeRefund).toMatchObject({ status: 'CONFIRMED', uid: `${otherBooking.bookingId}@usher` });
    await refund(app.pool, buyer, otherBooking, [0]);
    const afterFirstRefund = await readCalendarEntry();
    expect(afterFirstRefund).toMatchObject({ status: 'CONFIRMED', uid: beforeRefund.uid });
    await refund(app.pool, buyer, otherBooking, [1]);
    const afterSecondRefund = await readCalendarEntry();
    expect(afterSecondRefund).toMatchObject({
      type: 'text/calendar; charset=utf-8; method=CANCEL',
      status: 'CANCELLED',
      uid: beforeRefund.uid,
    });
    expect([
      beforeRefund.sequence < afterFirstRefund.sequence,
      afterFirstRefund.sequence < afterSecondRefund.sequence,
    ]).toEqual([true, true]);
  });
});

describeWithPdfTools('the hour that repeats when summer time ends', () => {
  it('is printed with its UTC offset, so that two shows at the same local time differ', async () => {
    const readPrintedTime = async (startsAt: string) => {
      const showId = await makeShow(app.pool, { startsAt: new Date(startsAt) });
      const { bookingId } = await book(app.pool, buyer, showId, [0]);
      const printed = await readPdfText((await fetchDocument('application/pdf', '', bookingId)).content);
      return printed.split('\n').find((line) => line.includes('02:30'));
    };
    const first = await readPrintedTime('2031-10-26T00:30:00.000Z');
    const second = await readPrintedTime('2031-10-26T01:30:00.000Z');
    expect([first, second]).toEqual(['Sun, 26 October 2031, 02:30 (UTC+2)', 'Sun, 26 October 2031, 02:30 (UTC+1)']);
  });
});

describeWithPdfTools('the printed tickets', () => {
  /** Verifies a code with nothing but the published key. Returns the id of the ticket. */
  const verifyCode = async (code: string): Promise<string> => (await verifyTicketCode(app.url, code)).ticketId;

  it('are printed three to an A4 sheet, each with a QR code that can be read and that the key verifies', async () => {
    const { content } = await fetchDocument('application/pdf', '?paper=a4');
    const pages = await printPdf(content, 200);
    const [first, second] = pages;
    expect(pages).toHaveLength(2);
    expect([first!.width, first!.height]).toEqual([1654, 2339]);
    const codes = [
      readQr(first!, 0, 1 / 3),
      readQr(first!, 1 / 3, 2 / 3),
      readQr(first!, 2 / 3, 1),
      readQr(second!, 0, 1 / 3),
    ];
    expect(await Promise.all(codes.map(verifyCode))).toEqual(tickets.map(({ ticketId }) => ticketId));
  });

  it('contain every letter of the address', async () => {
    const { content } = await fetchDocument('application/pdf');
    expect(await readPdfText(content)).toContain('東京都新宿区 1-2-3');
    // The text would contain these letters even if no font could draw them. Only the list of fonts shows that a font
    // draws them.
    expect(await listPdfFonts(content)).toMatch(/DejaVuSans[^]*Unifont|Unifont[^]*DejaVuSans/);
  });

  it.each(['a4', 'roll80'])('show scripts in reading order, with joined and combined letters (%s)', async (paper) => {
    const { content } = await fetchDocument('application/pdf', `?paper=${paper}`);
    const text = (await readPdfText(content)).replaceAll(/[\u202a-\u202e]/g, '');
    // The text is in visual order from left to right. The tool restores the reading order inside a Hebrew word.
    expect(text).toContain('VIP (2026) אולם');
    expect(text).toContain('सिनेमा क्षत्रिय');
    expect(await listPdfFonts(content)).toMatch(
      /NotoSansHebrew[^]*NotoSansDevanagari|NotoSansDevanagari[^]*NotoSansHebrew/,
    );
  });

  it.each(['a4', 'roll80'])('show the code by which the box office finds the booking (%s)', async (paper) => {
    const printed = await readPdfText((await fetchDocument('application/pdf', `?paper=${paper}`)).content);
    expect(printed.split(`Booking ${toBookingCode(tickets[0]!.bookingId)}`)).toHaveLength(1 + tickets.length);
  });

  it('have one QR code per slip on an 80 mm roll, readable at a kiosk’s 203 dots per inch', async () => {
    const { content } = await fetchDocument('application/pdf', '?paper=roll80');
    const pages = await printPdf(content, 203);
    expect(pages).toHaveLength(4);
    for (const { width } of pages) expect(width).toBe(Math.ceil((80 / 25.4) * 203));
    const codes = await Promise.all(pages.map((page) => verifyCode(readQr(page))));
    expect(codes).toEqual(tickets.map(({ ticketId }) => ticketId));
  });
});
