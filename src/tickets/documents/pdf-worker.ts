import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { parentPort } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import type { Paper } from '@usher/contract';
import { openSync } from 'fontkit';
import PdfDocument from 'pdfkit';
import QRCode from 'qrcode';
import type { TicketFace } from './ticket-face.js';

type Pdf = PDFKit.PDFDocument;

/** DejaVu has Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters; the fonts of PDF itself only Latin. */
const { resolve } = createRequire(import.meta.url);
const plain = resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const bold = resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
/** All other letters, coarsely drawn: a finer font of Chinese, Japanese or Korean alone takes 5 MB. Read when it is needed. */
let coarse: Uint8Array | null = null;
const readCoarse = () => readFileSync(resolve('@fontsource/unifontex/files/unifontex-latin-400-normal.woff'));
const letters = openSync(plain);

/** All lengths are in points, 1/72 inch. */
const mm = 72 / 25.4;

/** Three tickets a sheet, to be cut apart. */
const a4 = { width: 210 * mm, height: 297 * mm, margin: 15 * mm, perSheet: 3, qr: 58 * mm };

/** Of 80 mm the head prints 72. A ticket is a page, as long as it needs, so that the printer cuts after each. */
const roll = { width: 80 * mm, margin: 5 * mm, qr: 62 * mm };

/** Tickets to be drawn, one each, at least one. */
export interface PdfOrder {
  readonly faces: readonly TicketFace[];
  readonly paper: Paper;
}

/** Tickets as a PDF. */
async function ticketPdf({ faces, paper }: PdfOrder): Promise<Buffer> {
  const pdf = new PdfDocument({
    autoFirstPage: false,
    margin: 0,
    lang: 'en',
    displayTitle: true,
    info: { Title: `Tickets: ${faces[0]?.title ?? ''}`, Creator: 'Usher' },
  });
  // Collected from the start: what nobody reads would pile up in the document's own stream.
  const written = buffer(pdf);
  if (paper === 'a4') drawSheets(pdf, faces);
  else for (const face of faces) drawSlip(pdf, face);
  pdf.end();
  return written;
}

/** What a text can be set in: the font that is wanted, if that has all its letters. */
function fontOf(text: string, wanted: string): string | Uint8Array {
  const hasLetter = (letter: string) =>
    'hasGlyphForCodePoint' in letters && letters.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0);
  if (Array.from(text).every(hasLetter)) return wanted;
  coarse ??= unpackWoff(readCoarse());
  return coarse;
}

function drawSheets(pdf: Pdf, faces: readonly TicketFace[]): void {
  const height = a4.height / a4.perSheet;
  for (const [index, face] of faces.entries()) {
    const row = index % a4.perSheet;
    if (row === 0) pdf.addPage({ size: [a4.width, a4.height], margin: 0 });
    else drawCut(pdf, row * height);
    drawBlock(pdf, face, row * height);
  }
}

function drawCut(pdf: Pdf, y: number): void {
  pdf.save().lineWidth(0.5).dash(3, { space: 3 }).strokeColor('#888888');
  pdf.moveTo(0, y).lineTo(a4.width, y).stroke().undash().restore();
}

/** A ticket on its third of a sheet: the text at the left, the code at the right. */
function drawBlock(pdf: Pdf, face: TicketFace, top: number): void {
  const qrLeft = a4.width - a4.margin - a4.qr;
  const qrTop = top + (a4.height / a4.perSheet - a4.qr) / 2 - 4 * mm;
  drawQr(pdf, face.code, qrLeft, qrTop, a4.qr);
  pdf.font(plain).fontSize(6).fillColor('#333333');
  pdf.text(face.ticketId, qrLeft, qrTop + a4.qr + 2 * mm, { width: a4.qr, align: 'center' });

  const width = qrLeft - a4.margin - 8 * mm;
  pdf.x = a4.margin;
  pdf.y = top + 14 * mm;
  const line = (font: string, size: number, text: string, after: number, lines = 1) => {
    pdf.font(fontOf(text, font)).fontSize(size).fillColor('black');
    const height = lines * pdf.currentLineHeight(true);
    pdf.text(text, { width, height, ellipsis: true });
    pdf.y += after * mm;
  };
  line(bold, 16, face.title, 2, 2);
  line(plain, 11, face.when, 4);
  line(bold, 30, face.seat, 1);
  line(plain, 11, face.place, 1, 2);
  line(plain, 11, face.hall, 4);
  line(bold, 9, face.cinema, 0.5);
  line(plain, 9, face.address, 2, 2);
  line(plain, 9, face.price, 0);
}

/** A ticket on a piece of the roll: one thing under the other. */
function drawSlip(pdf: Pdf, face: TicketFace): void {
  const width = roll.width - 2 * roll.margin;
  const lines = [
    { font: bold, size: 15, text: face.title, after: 2 },
    { font: plain, size: 11, text: face.when, after: 3 },
    { font: bold, size: 34, text: face.seat, after: 0 },
    { font: plain, size: 11, text: face.place, after: 0.5 },
    { font: plain, size: 11, text: face.hall, after: 3 },
    { font: bold, size: 9, text: face.cinema, after: 0.5 },
    { font: plain, size: 9, text: face.address, after: 0.5 },
    { font: plain, size: 9, text: face.price, after: 3 },
  ]
    .filter(({ text }) => text !== '')
    .map((line) => ({ ...line, font: fontOf(line.text, line.font) }));
  const heights = lines.map(({ font, size, text }) => pdf.font(font).fontSize(size).heightOfString(text, { width }));
  const textHeight = heights.reduce((sum, height, index) => sum + height + (lines[index]?.after ?? 0) * mm, 0);
  pdf.addPage({ size: [roll.width, 2 * roll.margin + textHeight + roll.qr + 8 * mm], margin: 0 });

  let y = roll.margin;
  for (const [index, { font, size, text, after }] of lines.entries()) {
    pdf.font(font).fontSize(size).fillColor('black').text(text, roll.margin, y, { width, align: 'center' });
    y += (heights[index] ?? 0) + after * mm;
  }
  drawQr(pdf, face.code, (roll.width - roll.qr) / 2, y, roll.qr);
  pdf
    .font(plain)
    .fontSize(6)
    .text(face.ticketId, roll.margin, y + roll.qr + 2 * mm, { width, align: 'center' });
}

/** Dark modules as one filled path: sharp at any size, and without the hairlines that many single squares leave. */
function drawQr(pdf: Pdf, text: string, left: number, top: number, size: number): void {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  // Four modules of white all round are part of the code.
  const module = size / (modules.size + 8);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) === 0) continue;
      pdf.rect(left + (column + 4) * module, top + (row + 4) * module, module, module);
    }
  }
  pdf.fill('black');
}

/** A table's entry in the directory of a WOFF file. */
interface WoffTable {
  readonly tag: number;
  readonly data: Uint8Array;
  readonly checksum: number;
}

const woffHeaderLength = 44;
const woffEntryLength = 20;

/**
 * The font in a WOFF file as it was before it was packed (W3C, WOFF File Format 1.0). The PDF package reads WOFF as well,
 * but unpacks a table again for each letter: ten seconds for a ticket.
 */
function unpackWoff(woff: Buffer): Uint8Array {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, n) => readTable(woff, woffHeaderLength + n * woffEntryLength));
  const power = Math.floor(Math.log2(count));
  const header = Buffer.alloc(12 + 16 * count);
  header.writeUInt32BE(woff.readUInt32BE(4), 0);
  [count, 2 ** power * 16, power, (count - 2 ** power) * 16].forEach((value, n) =>
    header.writeUInt16BE(value, 4 + 2 * n),
  );
  const parts: Uint8Array[] = [header];
  let offset = header.length;
  for (const [n, { tag, data, checksum }] of tables.entries()) {
    [tag, checksum, offset, data.length].forEach((value, at) => header.writeUInt32BE(value, 12 + 16 * n + 4 * at));
    const padding = Buffer.alloc(-data.length & 3);
    parts.push(data, padding);
    offset += data.length + padding.length;
  }
  return Buffer.concat(parts);
}

function readTable(woff: Buffer, at: number): WoffTable {
  const [tag, offset, packedLength, length, checksum] = [0, 4, 8, 12, 16].map((field) => woff.readUInt32BE(at + field));
  const packed = woff.subarray(offset, offset! + packedLength!);
  return { tag: tag!, checksum: checksum!, data: packedLength! < length! ? inflateSync(packed) : packed };
}

// Whatever is thrown ends this thread, and is heard as its error by who asked.
parentPort?.on('message', (order: PdfOrder) => {
  void ticketPdf(order).then((pdf) => parentPort?.postMessage(pdf, []));
});
