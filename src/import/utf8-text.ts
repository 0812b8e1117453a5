import { isUtf8 } from 'node:buffer';
import { StartError } from '../common/start-error.js';

const newline = 0x0a;

/** Maximum number of bytes that an incomplete character at the end of a chunk can have. */
const openBytesMax = 3;

/**
 * Decodes bytes as UTF-8 and removes a byte order mark. It never guesses another encoding, because a wrong guess would garble
 * titles without anybody noticing.
 *
 * @param file the name of the file for messages
 * @throws StartError whose message names the first invalid byte and its line
 */
export async function* utf8Text(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let open: Buffer = Buffer.alloc(0);
  let [line, offset] = [1, 0];
  for await (const chunk of chunks) {
    const bytes = open.length === 0 ? chunk : Buffer.concat([open, chunk]);
    if (offset === 0) refuseUtf16(file, bytes);
    const whole = bytes.subarray(0, wholeLength(bytes));
    if (!isUtf8(whole)) throw notUtf8(file, whole, line, offset);
    const text = whole.toString('utf8');
    yield offset === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
    line += countOf(whole, newline);
    offset += whole.length;
    open = bytes.subarray(whole.length);
  }
  if (open.length > 0) throw notUtf8(file, open, line, offset);
}

/** Returns the number of bytes up to the end of the last complete character. */
function wholeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(openBytesMax, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    // This is the first byte of a character whose other bytes may be in the next chunk.
    if (byte >= 0xc0) return lengthBy(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Returns the length of a character in bytes. The first byte of the character determines it. */
const lengthBy = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1);

function refuseUtf16(file: string, bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') throw new StartError(`${file}: is UTF-16. Save it as UTF-8.`);
}

function notUtf8(file: string, bytes: Buffer, firstLine: number, offset: number): StartError {
  let [line, start] = [firstLine, 0];
  for (let end = bytes.indexOf(newline); end >= 0 && isUtf8(bytes.subarray(start, end)); line++) {
    start = end + 1;
    end = bytes.indexOf(newline, start);
  }
  let at = start;
  while (at < bytes.length) {
    const next = at + lengthBy(bytes[at] ?? 0);
    if (!isUtf8(bytes.subarray(at, next))) break;
    at = next;
  }
  const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return new StartError(
    `${file}:${line}: byte ${offset + at + 1} of the file (0x${byte}) is not UTF-8: save the file as UTF-8.`,
  );
}

function countOf(bytes: Buffer, wanted: number): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) count++;
  return count;
}
