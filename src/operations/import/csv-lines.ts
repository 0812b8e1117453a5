import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { StartError } from '../../common/start-error.js';
import { csvFields, isColumn } from './csv-fields.js';
import { type Kind, kindOfWord, kinds } from './line-kinds.js';
import { type FormatSource, lineLengthMax, type RawLine } from './raw-line.js';

interface CsvRecord {
  readonly record: string[];
  /** `lines`: where it ends. */
  readonly info: { readonly lines: number };
}

/**
 * Comma-separated values with a header (RFC 4180): each line's cells by their columns' names. An empty cell says nothing.
 *
 * @throws StartError when the header names a column that no line of the kind has, or quotes are not where they may be:
 * from there on nobody knows where a line begins
 */
export async function* csvLines({ file, kind, text }: FormatSource): AsyncGenerator<RawLine> {
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    // Counted below, so that a line says what is wrong with it.
    relax_column_count: true,
    max_record_size: lineLengthMax,
  });
  pipeline(Readable.from(withoutReturns(text)), parser, () => undefined); // what fails is thrown where it is read
  let columns: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (columns) yield { line: info.lines - breaksIn(record), ...cells(record, columns, kind) };
      else columns = header(file, record, kind);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `:${error.lines}` : '';
    throw new StartError(`${file}${line}: ${error.message}.`, { cause: error });
  }
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

function header(file: string, record: readonly string[], kind: Kind | null): string[] {
  const columns = record.map((name) => name.trim());
  const isMixed = columns.includes('kind');
  if (!isMixed && kind === null) {
    throw new StartError(`${file}: needs a column kind (${kinds.join(', ')}), or to be named after one, as shows.csv.`);
  }
  const known = kind === null || isMixed ? kinds : [kind];
  for (const [index, column] of columns.entries()) {
    if (columns.indexOf(column) !== index) throw new StartError(`${file}:1: has two columns ${column}.`);
    if (column === 'kind' || known.some((one) => isColumn(one, column))) continue;
    const separator = columns.length === 1 && /[;\t]/.test(column) ? ' Columns are separated by commas.' : '';
    throw new StartError(`${file}:1: ${column} is no field of a ${known.join(' or ')}.${separator}`);
  }
  return columns;
}

function cells(record: readonly string[], columns: readonly string[], named: Kind | null): Omit<RawLine, 'line'> {
  if (record.length !== columns.length) {
    const quote = breaksIn(record) > 0 ? '; is a quote missing?' : '';
    return { fields: null, problem: `has ${record.length} cells where the header has ${columns.length}${quote}` };
  }
  const word = record[columns.indexOf('kind')]?.trim() ?? '';
  const kind = word === '' ? named : kindOfWord(word);
  const given = columns.flatMap((column, index): [string, string][] => {
    const cell = record[index] ?? '';
    return cell === '' || column === 'kind' ? [] : [[column, cell]];
  });
  return { fields: { ...(word !== '' && { kind: word }), ...(kind && csvFields(kind, given)) }, problem: null };
}
