import { StartError } from '../../common/start-error.js';
import { type FormatSource, lineLengthMax, type RawLine } from './raw-line.js';

/** A JSON object a line; empty lines are none. */
export async function* ndjsonLines({ file, text }: FormatSource): AsyncGenerator<RawLine> {
  let line = 0;
  for await (const written of splitLines(file, text)) {
    line++;
    if (written.trim() !== '') yield { line, ...parsed(written) };
  }
}

function parsed(written: string): Omit<RawLine, 'line'> {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: { ...value }, problem: null };
    }
    return { fields: null, problem: 'must be a JSON object' };
  } catch (error) {
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
