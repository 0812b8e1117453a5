import { describe, expect, it } from '@jest/globals';
import { csvLines } from './csv-lines.js';
import type { Kind } from './line-kinds.js';
import { ndjsonLines } from './ndjson-lines.js';
import type { RawLine } from './raw-line.js';

async function* inChunks(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function linesOf(
  read: typeof csvLines,
  text: string,
  { kind = null, size = 7 }: { kind?: Kind | null; size?: number } = {},
): Promise<RawLine[]> {
  const lines: RawLine[] = [];
  for await (const line of read({ file: 'a.csv', kind, text: inChunks(text, size) })) lines.push(line);
  return lines;
}

const good = (line: number, fields: object, parts?: string[]): RawLine => ({
  line,
  fields: { ...fields },
  problem: null,
  ...(parts && { parts }),
});

describe('a CSV file', () => {
  it('has one line per record, numbered by its first line, even if cells contain line breaks', async () => {
    const text = 'ref,cinemaRef,name,layout\r\n1,a,"The ""big"", one","stage S\r\nA 4s\r\n"\r\n\r\n2,b,Small,\r\n';
    for (const size of [1, 5, 1000]) {
      expect(await linesOf(csvLines, text, { kind: 'hall', size })).toEqual([
        good(2, { ref: '1', cinemaRef: 'a', name: 'The "big", one', layout: { text: 'stage S\nA 4s\n' } }),
        good(6, { ref: '2', cinemaRef: 'b', name: 'Small' }),
      ]);
    }
  });

  it('may contain numbers, lists and parts of fields, which are converted to JSON values', async () => {
    const text =
      'kind,ref,durationMinutes,genres,people,hallId,prices.standard,prices.front.row,rules.strictLine,waitingRoom\n' +
      'movie,m,90,Drama; Comedy,Wong Kar-wai (director); Maggie Cheung,,,,,\n' +
      'show,s,,,,7,1000,1500,true,"{""mode"":""off""}"\n' +
      'shows,t,,"[""a""]",,seven,ten,,maybe,{\n';
    expect(await linesOf(csvLines, text)).toEqual([
      good(2, {
        kind: 'movie',
        ref: 'm',
        durationMinutes: 90,
        genres: ['Drama', 'Comedy'],
        people: [
          { name: 'Wong Kar-wai', role: 'director' },
          { name: 'Maggie Cheung', role: 'actor' },
        ],
      }),
      good(
        3,
        {
          kind: 'show',
          ref: 's',
          hallId: 7,
          prices: { standard: 1000, 'front.row': 1500 },
          rules: { strictLine: true },
          waitingRoom: { mode: 'off' },
        },
        ['prices.standard', 'prices.front.row', 'rules.strictLine'],
      ),
      good(
        4,
        {
          kind: 'shows',
          ref: 't',
          genres: ['a'],
          hallId: 'seven',
          prices: { standard: 'ten' },
          rules: { strictLine: 'maybe' },
          waitingRoom: '{',
        },
        ['prices.standard', 'rules.strictLine'],
      ),
    ]);
  });

  it('is read to its end even if it has bad lines, which are reported', async () => {
    const text = 'ref,title\n1,a\n2\n3,b,"c\nd"\n6,z\n';
    expect(await linesOf(csvLines, text, { kind: 'movie' })).toEqual([
      good(2, { ref: '1', title: 'a' }),
      { line: 3, fields: null, problem: 'has 1 cells where the header has 2' },
      { line: 4, fields: null, problem: 'has 3 cells where the header has 2; is a quote missing?' },
      good(6, { ref: '6', title: 'z' }),
    ]);
  });

  it.each([
    ['ref,titel\n', 'movie', 'a.csv:1: titel is not a field of a movie.'],
    ['ref,title,ref\n', 'movie', 'a.csv:1: has the column ref twice.'],
    ['ref|title\n', 'movie', 'a.csv:1: ref|title is not a field of a movie.'],
    ['ref,,title\n', 'movie', 'a.csv:1: column 2 has no name.'],
    ['sep=;\nref;titel\n', 'movie', 'a.csv:2: titel is not a field of a movie.'],
    ['', 'movie', 'a.csv: is empty; it needs a header and lines.'],
    ['\n\n', 'movie', 'a.csv: is empty'],
    [',,,\n', 'movie', 'a.csv: is empty'],
    ['sep=;\n', 'movie', 'a.csv: is empty'],
    ['ref,title\n', null, 'needs a column kind'],
    ['ref,prices.\n', 'show', 'prices. is not a field of a show'],
    ['ref,title\n1,a\n2,"open\n3,b\n', 'movie', /^a.csv:[0-9]: Quote Not Closed/],
    ['ref,title\n1,a\n2,"b"c\n3,d\n', 'movie', /^a.csv:3: Invalid Closing Quote/],
    ['ref,title\n1,a\n2,b "c" d\n', 'movie', /^a.csv:3: Invalid Opening Quote/],
  ] as const)('is refused as a whole if its text is %j', async (text, kind, message) => {
    await expect(linesOf(csvLines, text, { kind })).rejects.toThrow(message);
  });

  it('has no lines if it contains only a header', async () => {
    expect(await linesOf(csvLines, 'ref,title', { kind: 'movie' })).toEqual([]);
  });

  it.each([
    ['commas', 'ref,title,genres\n1,"A;B\tC",D;E\n'],
    ['semicolons', 'ref;title;genres\r\n1;"A;B\tC";"D;E"\r\n'],
    ['tabs', 'ref\ttitle\tgenres\n1\t"A;B\tC"\tD;E\n'],
  ])('may separate its columns by %s', async (_, text) => {
    for (const size of [1, 5, 1000]) {
      expect(await linesOf(csvLines, text, { kind: 'movie', size })).toEqual([
        good(2, { ref: '1', title: 'A;B\tC', genres: ['D', 'E'] }),
      ]);
    }
  });

  it('may start with the line in which Excel names the separator, and line numbers count this line', async () => {
    for (const size of [1, 1000]) {
      expect(await linesOf(csvLines, 'sep=;\r\nref;title\r\n1;"A,\nB"\r\n2;C\r\n', { kind: 'movie', size })).toEqual([
        good(3, { ref: '1', title: 'A,\nB' }),
        good(5, { ref: '2', title: 'C' }),
      ]);
    }
  });

  it('may have empty last columns and rows without text', async () => {
    const text = 'ref,title,,\n1,A,,\n,,,\n  , ,,\n2,B\n3,C,,lost\n';
    expect(await linesOf(csvLines, text, { kind: 'movie' })).toEqual([
      good(2, { ref: '1', title: 'A' }),
      good(5, { ref: '2', title: 'B' }),
      { line: 6, fields: null, problem: 'has 4 cells where the header has 2' },
    ]);
  });
});

describe('an NDJSON file', () => {
  it('has one object per line, for all chunk sizes and with or without a final line end', async () => {
    const text = '{"ref":1,"title":"千"}\r\n\n{"ref":\n[1]\n"x"\n{"ref":2}';
    for (const size of [1, 4, 1000]) {
      expect(await linesOf(ndjsonLines, text, { size })).toEqual([
        good(1, { ref: 1, title: '千' }),
        { line: 3, fields: null, problem: expect.stringContaining('is not JSON') },
        { line: 4, fields: null, problem: 'must be a JSON object' },
        { line: 5, fields: null, problem: 'must be a JSON object' },
        good(6, { ref: 2 }),
      ]);
    }
  });

  it('keeps exact numbers and refuses numbers that JSON would round', async () => {
    const text =
      '{"ref":9007199254740991}\n{"ref":9007199254740993}\n{"a":{"b":[1e300]}}\n{"ref":"9007199254740993"}\n';
    expect(await linesOf(ndjsonLines, text)).toEqual([
      good(1, { ref: 9007199254740991 }),
      {
        line: 2,
        fields: null,
        problem: 'ref: 9007199254740993 is too large for a JSON number; write it as text, in quotes',
      },
      { line: 3, fields: null, problem: expect.stringContaining('is too large for a JSON number') },
      good(4, { ref: '9007199254740993' }),
    ]);
  });

  it.each(['', '\n \n'])('is refused if it is empty: %j', async (text) => {
    await expect(linesOf(ndjsonLines, text)).rejects.toThrow('a.csv: is empty; it needs a JSON object on each line.');
  });
});
