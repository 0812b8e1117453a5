import { buffer } from 'node:stream/consumers';
import { parentPort } from 'node:worker_threads';
import type { Paper } from '@usher/contract';
import PdfDocument from 'pdfkit';
import QRCode from 'qrcode';
import type { TicketFace } from './ticket-face.js';
import { PdfText } from './typesetting/pdf-text.js';
import { heightOf, typeset, type TextStyle } from './typesetting/typeset.js';

type Pdf = PDFKit.PDFDocument;

/** One millimetre in points (1/72 inch). All lengths in this file are in points. */
const mm = 72 / 25.4;

/** Measurements of an A4 sheet. A sheet has three tickets, which the buyer cuts apart. */
const a4 = { width: 210 * mm, height: 297 * mm, margin: 15 * mm, perSheet: 3, qr: 58 * mm };

/**
 * Measurements of a paper roll that is 80 mm wide. The print head covers 72 mm of this width. Each ticket is a page of
 * its own length, so that the printer cuts the paper after each ticket.
 */
const roll = { width: 80 * mm, margin: 5 * mm, qr: 62 * mm };

const smallPrint: TextStyle = { weight: 'regular', size: 6 };

/** A job for the worker: the tickets to print and the paper. There is at least one ticket. */
export interface PdfOrder {
  readonly faces: readonly TicketFace[];
  readonly paper: Paper;
}

/** Creates a PDF of tickets. */
async function createTicketPdf({ faces, paper }: PdfOrder): Promise<Buffer> {
  const pdf = new PdfDocument({
    autoFirstPage: false,
    margin: 0,
    lang: 'en',
    displayTitle: true,
    // The package's font is not loaded, because the text is drawn with the project's fonts.
    font: '',
    info: { Title: `Tickets: ${faces[0]?.title ?? ''}`, Creator: 'Usher' },
  });
  const text = new PdfText(pdf);
  // The output is read from the start. Otherwise, unread output would fill the stream's own buffer.
  const written = buffer(pdf);
  if (paper === 'a4') drawSheets(pdf, text, faces);
  else for (const face of faces) drawSlip(pdf, text, face);
  text.end();
  pdf.end();
  return written;
}

function drawSheets(pdf: Pdf, text: PdfText, faces: readonly TicketFace[]): void {
  const height = a4.height / a4.perSheet;
  for (const [index, face] of faces.entries()) {
    const row = index % a4.perSheet;
    if (row === 0) pdf.addPage({ size: [a4.width, a4.height], margin: 0 });
    else drawCutLine(pdf, row * height);
    drawBlock(pdf, text, face, row * height);
  }
}

/** Draws the dashed line along which the buyer cuts the sheet. */
function drawCutLine(pdf: Pdf, y: number): void {
  pdf.save().lineWidth(0.5).dash(3, { space: 3 }).strokeColor('#888888');
  pdf.moveTo(0, y).lineTo(a4.width, y).stroke().undash().restore();
}

/** A text on a ticket. `after` is the space below the text, in millimetres. */
interface PrintedText extends TextStyle {
  readonly text: string;
  readonly after: number;
  readonly linesMax?: number;
}

/** Draws a ticket on its third of a sheet, with the text on the left and the QR code on the right. */
function drawBlock(pdf: Pdf, text: PdfText, face: TicketFace, top: number): void {
  const qrLeft = a4.width - a4.margin - a4.qr;
  const qrTop = top + (a4.height / a4.perSheet - a4.qr) / 2 - 4 * mm;
  drawQr(pdf, face.code, qrLeft, qrTop, a4.qr);
  text.draw(typeset(face.ticketId, smallPrint, a4.qr), qrLeft, qrTop + a4.qr + 2 * mm, a4.qr, 'center');

  const width = qrLeft - a4.margin - 8 * mm;
  const printed: readonly PrintedText[] = [
    { weight: 'bold', size: 16, text: face.title, after: 2, linesMax: 2 },
    { weight: 'regular', size: 11, text: face.start, after: 4 },
    { weight: 'bold', size: 30, text: face.seat, after: 1 },
    { weight: 'regular', size: 11, text: face.place, after: 1, linesMax: 2 },
    { weight: 'regular', size: 11, text: face.hall, after: 4 },
    { weight: 'bold', size: 9, text: face.cinema, after: 0.5 },
    { weight: 'regular', size: 9, text: face.address, after: 2, linesMax: 2 },
    { weight: 'regular', size: 9, text: face.price, after: 0.5 },
    { weight: 'regular', size: 9, text: face.bookingCode, after: 0 },
  ];
  let y = top + 14 * mm;
  for (const { text: words, linesMax = 1, after, ...style } of printed) {
    y = text.draw(typeset(words, style, width, linesMax), a4.margin, y, width) + after * mm;
  }
}

/** Draws a ticket on a page of the roll, with the texts above the QR code. */
function drawSlip(pdf: Pdf, text: PdfText, face: TicketFace): void {
  const width = roll.width - 2 * roll.margin;
  const printed: readonly PrintedText[] = [
    { weight: 'bold', size: 15, text: face.title, after: 2 },
    { weight: 'regular', size: 11, text: face.start, after: 3 },
    { weight: 'bold', size: 34, text: face.seat, after: 0 },
    { weight: 'regular', size: 11, text: face.place, after: 0.5 },
    { weight: 'regular', size: 11, text: face.hall, after: 3 },
    { weight: 'bold', size: 9, text: face.cinema, after: 0.5 },
    { weight: 'regular', size: 9, text: face.address, after: 0.5 },
    { weight: 'regular', size: 9, text: face.price, after: 0.5 },
    { weight: 'regular', size: 9, text: face.bookingCode, after: 3 },
  ];
  const blocks = printed
    .filter(({ text: words }) => words !== '')
    .map(({ text: words, after, ...style }) => ({ lines: typeset(words, style, width), after: after * mm }));
  const lines = blocks.flatMap((block) => block.lines);
  const gaps = blocks.reduce((sum, { after }) => sum + after, 0);
  const textHeight = lines.reduce((sum, line) => sum + heightOf(line), gaps);
  pdf.addPage({ size: [roll.width, 2 * roll.margin + textHeight + roll.qr + 8 * mm], margin: 0 });

  let y = roll.margin;
  for (const block of blocks) y = text.draw(block.lines, roll.margin, y, width, 'center') + block.after;
  drawQr(pdf, face.code, (roll.width - roll.qr) / 2, y, roll.qr);
  text.draw(typeset(face.ticketId, smallPrint, width), roll.margin, y + roll.qr + 2 * mm, width, 'center');
}

/**
 * Draws a QR code. All dark modules of the code form one filled path, which is sharp at any size. Separate squares
 * would leave thin white lines between them.
 */
function drawQr(pdf: Pdf, text: string, left: number, top: number, size: number): void {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  // The QR standard requires a white margin of four modules on each side.
  const module = size / (modules.size + 8);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) === 0) continue;
      pdf.rect(left + (column + 4) * module, top + (row + 4) * module, module, module);
    }
  }
  pdf.fill('black');
}

// An exception ends this thread. The main thread receives the exception as the error of the pending request.
parentPort?.on('message', (order: PdfOrder) => {
  void createTicketPdf(order).then((pdf) => parentPort?.postMessage(pdf, []));
});
