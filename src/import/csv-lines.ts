import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { StartError } from '../common/start-error.js';
import { csvFields, isColumn, partColumns } from './csv-fields.js';
import { type Kind, kindOfWord, kinds } from './line-kinds.js';
import { type FormatSource, lineLengthMax, type RawLine } from './raw-line.js';

interface CsvRecord {
  readonly record: string[];
  /** `lines` is the number of the record's last line. */
  readonly info: { readonly lines: number };
}

/** Allowed column separators. Spreadsheets write semicolons in countries where the comma is the decimal separator. */
const delimiters = [',', ';', '\t'] as const;

/**
 * Reads a file of separated values with a header (RFC 4180), and returns the cells of each line by column. The first
 * line shows whether commas, semicolons or tabs separate columns. An empty cell means that the line omits the field.
 * Rows without text are skipped.
 *
 * @throws StartError if the file has no header, if the header names an unknown column, or if a quote is misplaced.
 * After a misplaced quote, the reader cannot tell where the next line starts
 */
export async function* csvLines({ file, kind, text }: FormatSource): AsyncGenerator<RawLine> {
  const start = await readStart(text);
  if (start.first.trim() === '') throw new StartError(`${file}: is empty; it needs a header and lines.`);
  const parser = parse({
    info: true,
    delimiter: start.delimiter,
    skip_empty_lines: true,
    // The loop below counts the cells, so that each bad line gets its own message.
    relax_column_count: true,
    max_record_size: lineLengthMax,
  });
  pipeline(Readable.from(convertLineEnds(start.rest())), parser, () => undefined); // the loop below throws errors of the pipeline
  let columns: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const line = info.lines - countBreaks(record) + start.skippedLines;
      if (record.every((cell) => cell.trim() === '')) continue;
      if (columns) yield { line, ...cells(record, columns, kind) };
      else columns = header(`${file}:${line}`, record, kind);
    }
    if (!columns) throw new StartError(`${file}: is empty; it needs a header and lines.`);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `:${error.lines + start.skippedLines}` : '';
    throw new StartError(`${file}${line}: ${error.message}.`, { cause: error });
  }
}

/** The start of a CSV file, which is read to find the header and the separator. */
interface FileStart {
  /** The first line of the header. */
  readonly first: string;
  readonly delimiter: (typeof delimiters)[number];
  /** Number of lines before the header. This is 1 if the file starts with Excel's `sep=;`, otherwise 0. */
  readonly skippedLines: number;
  /** Returns the text of the file, starting with the header. */
  rest(): AsyncGenerator<string>;
}

/** Maximum number of characters that are searched for the header and its separator. */
const headerLengthMax = 65_536;

async function readStart(text: AsyncIterable<string>): Promise<FileStart> {
  const chunks = text[Symbol.asyncIterator]();
  let read = '';
  let isEnd = false;
  // Reads two lines, because the first may be `sep=;`.
  while (!isEnd && read.length < headerLengthMax && (read.match(/\n/g) ?? []).length < 2) {
    const next = await chunks.next();
    if (next.done) isEnd = true;
    else read += next.value;
  }
  const [, separator] = /^sep=([,;\t])\r?(?:\n|$)/i.exec(read) ?? [];
  const fromHeader = separator === undefined ? read : read.slice(read.indexOf('\n') + 1 || read.length);
  const [first = ''] = fromHeader.split(/\r?\n/, 1);
  const named = delimiters.find((one) => one === separator);
  return {
    first,
    delimiter: named ?? delimiterOf(first),
    skippedLines: separator === undefined ? 0 : 1,
    async *rest() {
      yield fromHeader;
      if (!isEnd) yield* { [Symbol.asyncIterator]: () => chunks };
    },
  };
}

/** Returns the separator that occurs most often in the header outside of quotes. */
function delimiterOf(line: string): (typeof delimiters)[number] {
  const bare = line.replaceAll(/"[^"]*"/g, '');
  const countOf = (delimiter: string) => bare.split(delimiter).length;
  return delimiters.reduce((best, one) => (countOf(one) > countOf(best) ? one : best));
}

/** Converts Windows line ends to `\n`, because the parser would count each of them twice inside quotes. */
async function* convertLineEnds(text: AsyncIterable<string>): AsyncGenerator<string> {
  let open = '';
  for await (const chunk of text) {
    const whole = open + chunk;
    open = whole.endsWith('\r') ? '\r' : '';
    yield (open === '' ? whole : whole.slice(0, -1)).replaceAll('\r\n', '\n');
  }
  yield open;
}

/** Returns the number of line breaks inside a record. */
function countBreaks(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) {
    if (cell.includes('\n')) breaks += cell.split('\n').length - 1;
  }
  return breaks;
}

/** Checks the header and returns its column names. @param at the place of the header in the form `file:line` */
function header(at: string, record: readonly string[], kind: Kind | null): string[] {
  // Spreadsheets append empty columns to a table. They are dropped here. Their cells in other rows must be empty too.
  const columns = record.map((name) => name.trim());
  while (columns.at(-1) === '') columns.pop();
  const isMixed = columns.includes('kind');
  if (!isMixed && kind === null) {
    throw new StartError(
      `${at}: needs a column kind (${kinds.join(', ')}), or a file name that states the kind, such as shows.csv.`,
    );
  }
  const known = kind === null || isMixed ? kinds : [kind];
  for (const [index, column] of columns.entries()) {
    if (column === '') throw new StartError(`${at}: column ${index + 1} has no name.`);
    if (columns.indexOf(column) !== index) throw new StartError(`${at}: has the column ${column} twice.`);
    if (column === 'kind' || known.some((one) => isColumn(one, column))) continue;
    throw new StartError(`${at}: ${column} is not a field of a ${known.join(' or ')}.`);
  }
  return columns;
}

function cells(record: readonly string[], columns: readonly string[], named: Kind | null): Omit<RawLine, 'line'> {
  const more = record.slice(columns.length);
  if (record.length < columns.length || more.some((cell) => cell.trim() !== '')) {
    const quote = countBreaks(record) > 0 ? '; is a quote missing?' : '';
    return { fields: null, problem: `has ${record.length} cells where the header has ${columns.length}${quote}` };
  }
  const word = record[columns.indexOf('kind')]?.trim() ?? '';
  const kind = word === '' ? named : kindOfWord(word);
  const given = columns.flatMap((column, index): [string, string][] => {
    const cell = record[index] ?? '';
    return cell === '' || column === 'kind' ? [] : [[column, cell]];
  });
  const parts = partColumns(given.map(([column]) => column));
  return {
    fields: { ...(word !== '' && { kind: word }), ...(kind && csvFields(kind, given)) },
    problem: null,
    ...(parts.length > 0 && { parts }),
  };
}
