import { StartError } from '../common/start-error.js';
import { type FormatSource, lineLengthMax, type RawLine } from './raw-line.js';

/** Reads one JSON object per line, and skips empty lines. */
export async function* ndjsonLines({ file, text }: FormatSource): AsyncGenerator<RawLine> {
  let line = 0;
  let isEmpty = true;
  for await (const written of splitLines(file, text)) {
    line++;
    if (written.trim() === '') continue;
    isEmpty = false;
    yield { line, ...parsed(written) };
  }
  if (isEmpty) throw new StartError(`${file}: is empty; it needs a JSON object on each line.`);
}

/**
 * Refuses whole numbers that `JSON.parse` would round, because rounding could make two refs equal that differ only in
 * the last digit.
 */
function exactNumbers(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  throw new InexactNumberError(
    `${key}: ${context?.source ?? value} is too large for a JSON number; write it as text, in quotes`,
  );
}

class InexactNumberError extends Error {}

/**
 * Matches lines that may contain a number that `JSON.parse` would round. Other lines are parsed without the reviver,
 * because it slows down parsing.
 */
const mayHaveInexactNumber = /[0-9]{16}|[0-9][eE]/;

function parsed(written: string): Omit<RawLine, 'line'> {
  try {
    const value: unknown = mayHaveInexactNumber.test(written) ? JSON.parse(written, exactNumbers) : JSON.parse(written);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: { ...value }, problem: null };
    }
    return { fields: null, problem: 'must be a JSON object' };
  } catch (error) {
    if (error instanceof InexactNumberError) return { fields: null, problem: error.message };
    return { fields: null, problem: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function* splitLines(file: string, text: AsyncIterable<string>): AsyncGenerator<string> {
  let [open, line] = [[] as string[], 1];
  let length = 0;
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield open.join('') + chunk.slice(start, end);
      [open, length, line, start] = [[], 0, line + 1, end + 1];
    }
    open.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > lineLengthMax) throw new StartError(`${file}:${line}: is longer than ${lineLengthMax} characters.`);
  }
  if (length > 0) yield open.join('');
}
