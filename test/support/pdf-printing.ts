import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import decodeQr from 'qr/decode.js';

const run = promisify(execFile);

const isThere = await run('pdftoppm', ['-v']).then(
  () => true,
  () => false,
);

/**
 * `describe` for tests that need `pdftoppm`. If it is missing, the tests are skipped with a message. In CI, they fail
 * instead.
 */
export const describeWithPdfTools: typeof describe | typeof describe.skip = (() => {
  if (isThere || process.env.CI === 'true') return describe;
  console.log('The tests of printed tickets are skipped, because pdftoppm is missing (package poppler-utils).');
  return describe.skip;
})();

/** A page as a printer or a screen draws it. `data` has three (RGB) or four (RGBA) bytes per pixel. */
export interface PrintedPage {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** Reads an image in the binary PPM format: a header such as `P6 640 480 255`, then the pixels. */
function readPpm(file: Buffer): PrintedPage {
  const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(file.toString('latin1', 0, 40));
  if (!header) throw new Error('pdftoppm wrote no PPM image');
  return { width: Number(header[1]), height: Number(header[2]), data: file.subarray(header[0].length) };
}

/** Renders each page of a PDF. */
export async function printPdf(pdf: Buffer, dotsPerInch: number): Promise<PrintedPage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-print-'));
  try {
    await writeFile(join(folder, 'tickets.pdf'), pdf);
    await run('pdftoppm', ['-r', String(dotsPerInch), join(folder, 'tickets.pdf'), join(folder, 'page')]);
    const pages = (await readdir(folder)).filter((name) => name.endsWith('.ppm')).toSorted();
    return await Promise.all(pages.map(async (name) => readPpm(await readFile(join(folder, name)))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the text on a PDF's pages. */
export const readPdfText = (pdf: Buffer): Promise<string> => readBy('pdftotext', pdf, '-');

/** Returns the fonts that a PDF embeds, one per line. */
export const listPdfFonts = (pdf: Buffer): Promise<string> => readBy('pdffonts', pdf);

async function readBy(tool: string, pdf: Buffer, ...more: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-print-'));
  try {
    await writeFile(join(folder, 'tickets.pdf'), pdf);
    return (await run(tool, [join(folder, 'tickets.pdf'), ...more])).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Reads the QR code in a part of a page. The part reaches from `from` to `to`, as fractions of the page's height.
 *
 * @throws if there is no QR code
 */
export function readQr({ width, height, data }: PrintedPage, from = 0, to = 1): string {
  const [top, bottom] = [Math.round(height * from), Math.round(height * to)];
  const rowBytes = data.length / height;
  return decodeQr({ width, height: bottom - top, data: data.subarray(top * rowBytes, bottom * rowBytes) });
}
