import { PNG } from 'pngjs';
import type { Locator } from 'playwright-core';
import { readQr } from '../support/pdf-printing.js';

/** Options of a page with two device pixels per CSS pixel. Its screenshots are sharp enough to read QR codes. */
export const sharp = { deviceScaleFactor: 2 } as const;

/** Reads a QR code from the screen, as a phone would. The page needs the options {@link sharp}. */
export const scanQr = async (code: Locator): Promise<string> => readQr(PNG.sync.read(await code.screenshot()));
