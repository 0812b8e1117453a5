import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { StartError } from '../common/start-error.js';
import { csvFields, isColumn, partColumns } from './csv-fields.js';
import { type Kind, kindOfWord, kinds } from './line-kinds.js';
import { type FormatSource, lineLengthMax, type RawLine } from './raw-line.js';

interface CsvRecord {
  readonly record: string[];
  /** `lines`: where it ends. */
  readonly info: { readonly lines: number };
}

/** Characters that may separate columns: spreadsheets write a semicolon where the comma is the decimal separator. */
const delimiters = [',', ';', '\t'] as const;

/**
 * Reads separated values with a header (RFC 4180): each line's cells by their columns' names. Columns are separated by
 * commas, semicolons or tabs, as the file's first line shows. An empty cell says nothing, and a row without any text is no
 * line.
 *
 * @throws StartError if the file has no header, if the header names a column that no line of the kind has, or if quotes are
 * where they must not be, because the reader no longer knows where a line begins
 */
export async function* csvLines({ file, kind, text }: FormatSource): AsyncGenerator<RawLine> {
  const start = await readStart(text);
  if (start.first.trim() === '') throw new StartError(`${file}: is empty; it needs a header and lines.`);
  const parser = parse({
    info: true,
    delimiter: start.delimiter,
    skip_empty_lines: true,
    // Counted below, so that a line says what is wrong with it.
    relax_column_count: true,
    max_record_size: lineLengthMax,
  });
  pipeline(Readable.from(withoutReturns(start.rest())), parser, () => undefined); // the loop below throws what fails
  let columns: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      const line = info.lines - breaksIn(record) + start.skippedLines;
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

/** The beginning of a file. */
interface FileStart {
  /** The header's first line. */
  readonly first: string;
  readonly delimiter: (typeof delimiters)[number];
  /** Lines before the header: one if Excel's `sep=;` stands there. */
  readonly skippedLines: number;
  /** The text from the header on. */
  rest(): AsyncGenerator<string>;
}

/** Longest header that is looked at for its separator. */
const headerLengthMax = 65_536;

async function readStart(text: AsyncIterable<string>): Promise<FileStart> {
  const chunks = text[Symbol.asyncIterator]();
  let read = '';
  let isEnd = false;
  // Two lines: the first may be `sep=;`.
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

/** The separator that stands most often in the header, outside of quotes. */
function delimiterOf(line: string): (typeof delimiters)[number] {
  const bare = line.replaceAll(/"[^"]*"/g, '');
  const countOf = (delimiter: string) => bare.split(delimiter).length;
  return delimiters.reduce((best, one) => (countOf(one) > countOf(best) ? one : best));
}

/** Line ends of Windows become plain ones: the parser counts those within quotes twice. */
async function* withoutReturns(text: AsyncIterable<string>): AsyncGenerator<string> {
  let open = '';
  for await (const chunk of text) {
    const whole = open + chunk;
    open = whole.endsWith('\r') ? '\r' : '';
    yield (open === '' ? whole : whole.slice(0, -1)).replaceAll('\r\n', '\n');
  }
  yield open;
}

/** Of a record that ends on a line, how many lines before it began. */
function breaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) {
    if (cell.includes('\n')) breaks += cell.split('\n').length - 1;
  }
  return breaks;
}

/** @param at the header's place, `file:line` */
function header(at: string, record: readonly string[], kind: Kind | null): string[] {
  // Spreadsheets write empty columns at the end of a table. Their cells must be empty as well.
  const columns = record.map((name) => name.trim());
  while (columns.at(-1) === '') columns.pop();
  const isMixed = columns.includes('kind');
  if (!isMixed && kind === null) {
    throw new StartError(`${at}: needs a column kind (${kinds.join(', ')}), or to be named after one, as shows.csv.`);
  }
  const known = kind === null || isMixed ? kinds : [kind];
  for (const [index, column] of columns.entries()) {
    if (column === '') throw new StartError(`${at}: column ${index + 1} has no name.`);
    if (columns.indexOf(column) !== index) throw new StartError(`${at}: has two columns ${column}.`);
    if (column === 'kind' || known.some((one) => isColumn(one, column))) continue;
    throw new StartError(`${at}: ${column} is no field of a ${known.join(' or ')}.`);
  }
  return columns;
}

function cells(record: readonly string[], columns: readonly string[], named: Kind | null): Omit<RawLine, 'line'> {
  const more = record.slice(columns.length);
  if (record.length < columns.length || more.some((cell) => cell.trim() !== '')) {
    const quote = breaksIn(record) > 0 ? '; is a quote missing?' : '';
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
