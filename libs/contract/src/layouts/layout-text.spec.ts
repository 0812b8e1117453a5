import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { LayoutBody, findLayoutProblems, layoutSeatsMax } from './layout-body.js';
import { LayoutInput } from './layout-input.js';
import { parseLayoutText } from './layout-text.js';

function layoutOf(text: string): LayoutBody {
  const { layout, problems } = parseLayoutText(text);
  if (!layout) throw new Error(JSON.stringify(problems));
  return layout;
}

const labels = (text: string) => layoutOf(text).seats.map(({ label }) => label);
const problemsOf = (text: string) => parseLayoutText(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('the text of a layout', () => {
  it('draws centred rows of seats, aisles and empty places, and numbers the seats from the left', () => {
    const { seats, width, height, stage, sections } = layoutOf('A ss_s\nB s.s');
    expect(seats.map(({ label, x, y }) => ({ label, x, y }))).toEqual([
      { label: 'A1', x: 1.5, y: 1.5 },
      { label: 'A2', x: 2.5, y: 1.5 },
      { label: 'A3', x: 4.7, y: 1.5 },
      { label: 'B1', x: 2.1, y: 2.6 },
      { label: 'B2', x: 4.1, y: 2.6 },
    ]);
    expect({ width, height, stage, sections }).toEqual({
      width: 6.2,
      height: 4.1,
      stage: null,
      sections: [{ name: 'Hall' }],
    });
  });

  it('expands counts and ranges, and leaves out the letters I and O', () => {
    expect(labels('H-K 2s')).toEqual(['H1', 'H2', 'J1', 'J2', 'K1', 'K2']);
    expect(labels('Y-BB s')).toEqual(['Y1', 'Z1', 'AA1', 'BB1']);
    // A hyphen separates a numeric row from the seat's number. Without it, seat 12 of row 1 and seat 2 of row 11 would
    // both have the label 112.
    expect(labels('1-2 s')).toEqual(['1-1', '2-1']);
  });

  it('applies the tier and kind of a seat line to the rows after it', () => {
    const text = 'A sw # a comment\nseat s premium restrictedView\nseat "★" "gold seats" companion\nB s★';
    expect(layoutOf(text).seats.map(({ tier, kind }) => [tier, kind])).toEqual([
      ['standard', 'standard'],
      ['standard', 'wheelchair'],
      ['premium', 'restrictedView'],
      ['gold seats', 'companion'],
    ]);
  });

  it('curves rows and turns sections, and places a section behind the previous one or at given coordinates', () => {
    const { seats, stage } = layoutOf(`
      stage Stage width 4 depth 1 gap 2
      section Stalls round 10
      A 3s
      section Circle prefix C-
      A s
      section "Box 1" prefix *- at -8 0 turn 90
      A 3s`);
    const at = (label: string) => {
      const seat = seats.find((candidate) => candidate.label === label)!;
      return [seat.x - stage!.x - 2, seat.y - stage!.y - 3].map((value) => Math.round(value * 100) / 100);
    };
    expect(at('A2')).toEqual([0, 0]);
    expect(at('A1')).toEqual([-1, -0.05]);
    expect(at('C-A1')).toEqual([0, 1.1]);
    // The box is turned by 90°, so its first seat is the nearest to the stage.
    expect([at('Box 1-A1'), at('Box 1-A3')]).toEqual([
      [-8, -1],
      [-8, 1],
    ]);
  });

  it('arranges a range of equal sections around a point', () => {
    const { seats, sections } = layoutOf('section 101-104 at 0 0 round 20 step 90\nA 2s\nB 2s');
    expect(sections.map(({ name }) => name)).toEqual(['101', '102', '103', '104']);
    expect(seats.map(({ label }) => label).slice(0, 5)).toEqual(['101-A1', '101-A2', '101-B1', '101-B2', '102-A1']);
    const middles = [0, 4, 8, 12].map((first) => [seats[first]!, seats[first + 1]!]);
    const middle = (of: 'x' | 'y') => middles.map(([a, b]) => Math.round((a![of] + b![of]) / 2));
    const [centreX, centreY] = [(middle('x')[1]! + middle('x')[3]!) / 2, (middle('y')[0]! + middle('y')[2]!) / 2];
    expect(middle('y')[0]! - centreY).toBe(20);
    expect(middle('x')[1]! - centreX).toBe(-20);
  });
});

describe('an invalid text of a layout', () => {
  it.each([
    ['', '1: there is no row; for example, A ssss draws a row of four seats'],
    ['A ss\nA s', '2: row A of Hall: seat 0 already has the label A1'],
    ['A ss?', '1: row A: "?" is not a seat; use s w c, _ for an aisle or . for an empty place'],
    ['A __', '1: row A: it has no seats'],
    ['A 4', '1: row A: "4" ends with a number; a character must follow a number'],
    ['A 0s', '1: row A: "0s" draws nothing'],
    ['A', '1: row A has no seats; draw them, for example A 4s_12s_4s'],
    ['A ss ss', '1: row A: "ss" is unexpected; use _ to draw an aisle'],
    ['H-A ss', '1: "H-A" is not a range of rows such as A-H or 1-20'],
    ['\n\nA 100001s', '3: row A: the hall would have more than 100,000 seats'],
    ['1-500 200s\nZ s', '2: row Z: the hall would have more than 100,000 seats'],
    ['A 999999_\nB s', '1: row A: it is wider than 1,000,000 seats'],
    ['seat s', '1: seat s needs a tier'],
    ['seat 4 premium', '1: seat needs one character that is not a digit, _ or ., but has "4"'],
    ['seat s premium throne', '1: the kind of seat s must be one of standard, wheelchair, companion, restrictedView'],
    ['pitch wide', '1: pitch must be a number from 0.5 to 100, not "wide"'],
    ['gap', '1: gap needs a number from 0 to 1000'],
    ['stage Screen height 3', '1: "height" is not an option; use width, depth, gap, at'],
    ['stage Screen at 3', '1: at needs two numbers'],
    ['stage Screen width 3 width 4', '1: width is given twice'],
    ['stage Screen\nstage Screen\nA s', '2: there is already a stage'],
    ['section "Box 1\nA s', '1: a quotation mark is not closed'],
    ['section X\nA s\nsection X\nB s', '3: there are two sections X'],
    ['section 101-120 step 18\nA s', '1: step arranges sections around a point, so it needs at and round'],
    ['section X at 0 0\nA s\nsection Y at 0.4 0 prefix Y\nA s', '4: row A of Y: seat YA1 overlaps seat A1'],
  ])('%j is refused with the line number of the problem', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('is refused with all of its problems at once, up to 20 of them', () => {
    expect(problemsOf('A ?\nB s\nC !')).toHaveLength(2);
    expect(problemsOf('A ?\n'.repeat(1000))).toHaveLength(20);
    expect(problemsOf(' '.repeat(1_000_001))).toHaveLength(1);
  });
});

it('turns any text into a layout that can be sold or into a list of problems, and neither hangs nor throws', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'A',
      'A-H',
      '1-20',
      '4s_4s',
      'ssw',
      'stage',
      'seat',
      'section',
      'gap',
      'pitch',
      'round',
      'at',
      'turn',
    ),
    fc.constantFrom('step', 'prefix', '#', '"', '999999_', '500s', '-1', '0', '33', '*-', '101-120', 'premium'),
    fc.string({ maxLength: 6 }),
  );
  const line = fc.array(word, { maxLength: 7 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const { layout, problems } = parseLayoutText(lines.join('\n'));
      expect(problems.length > 0).toBe(layout === null);
      expect(problems.filter(({ line: at }) => at < 1 || at > Math.max(1, lines.length))).toEqual([]);
      if (layout === null) return;
      expect(LayoutBody.safeParse(layout).error).toBeUndefined();
      expect(findLayoutProblems(layout)).toEqual([]);
      expect(layout.seats.length).toBeLessThanOrEqual(layoutSeatsMax);
    }),
    { numRuns: testRuns({ short: 400, long: 5000 }) },
  );
});

describe('a text that exceeds a limit', () => {
  const long = (length: number) => 'x'.repeat(length);
  it.each([
    [`section A prefix ${long(65)}\nA s`, '1: a prefix may have at most 64 characters, not 65: "xxx'],
    [
      `section 101-102 at 0 0 round 9 step 9 prefix ${'*'.repeat(22)}\nA s`,
      '1: a prefix may have at most 64 characters, not 66',
    ],
    [`section A prefix ${long(60)}\nABCD s`, '2: row ABCD: the labels "xxx'],
    [`section ${long(65)}\nA s`, '1: the name of a section may have at most 64 characters'],
    [`${long(65)} s`, '1: the name of a row may have at most 64 characters'],
    [`stage ${long(65)}\nA s`, '1: the label of the stage may have at most 64 characters'],
    [`seat s ${long(65)}\nA s`, '1: the name of a tier may have at most 64 characters'],
    [
      Array.from({ length: 98 }, (_, at) => `seat ${String.fromCharCode(0x4e00 + at)} t`).join('\n'),
      '98: a layout may define',
    ],
    ['gap 1000\n'.repeat(1001), '1001: the hall would be deeper than 1,000,000 seats'],
    ['A 999999.2.s', '1: row A: it is wider than 1,000,000 seats'],
    ['\n'.repeat(20_000), '20001: a layout may have at most 20000 lines'],
    ['1-500 201s', '1: row 1-500: the hall would have more than 100,000 seats'],
    ['section 1-500 at 0 0 round 9 step 9\nA 201s', '2: row A: the hall would have more than 100,000 seats'],
  ])('is refused with the line number of the problem: case %#', (text, problem) => {
    const [first = '', ...others] = problemsOf(text);
    expect(first).toContain(problem);
    expect(first.length).toBeLessThan(200);
    expect(others).toEqual([]);
  });
});

describe('the time to parse a text', () => {
  /**
   * Texts of a given length for which a parser could take quadratic time. Some of these texts once did take quadratic
   * time.
   */
  const hostileTexts: Readonly<Record<string, (length: number) => string>> = {
    'dots in a range of rows': (length) => `1-500 ${'.'.repeat(length)}`,
    'dots and a seat in a range of rows': (length) => `1-500 ${'.'.repeat(length)}s`,
    'a long prefix': (length) => `section A prefix ${'x'.repeat(length)}\n1-500 200s`,
    'a prefix of stars': (length) => `section 101-600 at 0 0 round 100 step 1 prefix ${'*'.repeat(length)}\n1-200 s`,
    'a long section name': (length) => `section ${'x'.repeat(length)}\n1-500 200s`,
    'a long tier': (length) => `seat s ${'x'.repeat(length)}\n1-500 200s`,
    'a long row name': (length) => `${'A'.repeat(length)} s`,
    digits: (length) => `A ${'1'.repeat(length)}s`,
    words: (length) => 'A '.repeat(length / 2),
    options: (length) => `section A ${'at 1 1 '.repeat(length / 7)}`,
    'quotation marks': (length) => '"'.repeat(length),
    'number signs in words': (length) => 'a#'.repeat(length / 2),
    'empty lines': (length) => '\n'.repeat(length),
    'lines of settings': (length) => 'pitch 1\n'.repeat(length / 8),
    'characters for seats': (length) =>
      Array.from({ length: length / 9 }, (_, at) => `seat ${String.fromCharCode(0x4e00 + at)} t`).join('\n') + '\nA ?',
  };

  function millisecondsFor(text: string): number {
    const start = performance.now();
    parseLayoutText(text);
    return performance.now() - start;
  }

  /**
   * Measures up to three times, because other processes can slow a measurement down. Stops after a measurement below
   * `enoughMs`.
   */
  function leastMilliseconds(text: string, enoughMs: number): number {
    let least = millisecondsFor(text);
    for (let repeat = 0; repeat < 2 && least >= enoughMs; repeat++) least = Math.min(least, millisecondsFor(text));
    return least;
  }

  // The first text once took 442 ms at 10,000 characters, and 100 times as long at ten times the length.
  it.each(Object.entries(hostileTexts))('grows linearly with the length of the text: %s', (_name, textOf) => {
    // Eight times the length takes 8 times as long if the time is linear, and 64 times as long if it is quadratic.
    // Times below 10 ms are too short to compare, so the limit for the long text is never below 24 times 10 ms.
    let longMsMax = 24 * 10;
    let longMs = millisecondsFor(textOf(480_000));
    if (longMs >= longMsMax) {
      longMsMax = 24 * Math.max(leastMilliseconds(textOf(60_000), 10), 10);
      longMs = Math.min(longMs, leastMilliseconds(textOf(480_000), longMsMax));
    }
    expect(longMs).toBeLessThan(longMsMax);
  });
});

describe('a JSON layout', () => {
  const layoutWith = (seats: readonly unknown[], more: object = {}) => ({
    width: 10,
    height: 10,
    stage: null,
    sections: [{ name: 'Hall' }],
    seats,
    ...more,
  });
  const issuesOf = (layout: unknown) => LayoutInput.safeParse(layout).error?.issues ?? [];

  it('with many invalid seats is refused after the first 20 problems', () => {
    // This layout once produced 900,000 issues, which took 8 s.
    const issues = issuesOf(layoutWith(Array.from({ length: 100_000 }, () => ({ x: 'left' }))));
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.length).toBeLessThan(50);
    expect(issues[0]?.path.slice(0, 2)).toEqual(['seats', '0']);
  });

  it('with too many seats, sections or fields is refused before its items are read', () => {
    const many = Array.from({ length: 100_001 }, () => 1);
    expect(issuesOf(layoutWith(many))).toMatchObject([
      { path: ['seats'], message: 'has 100,001 seats; a hall may have at most 100,000' },
    ]);
    const sectionIssues = issuesOf(layoutWith([], { sections: many }));
    expect(sectionIssues.map(({ path }) => path[0])).toContain('sections');
    expect(sectionIssues.length).toBeLessThan(5);
    const fields = Object.fromEntries(many.map((value, at) => [`field${at}`, value]));
    expect(issuesOf(layoutWith([], fields))).toMatchObject([{ message: 'has too many fields' }]);
  });
});

it('draws exactly the rows and seats that a text describes', () => {
  const run = fc.record({ count: fc.integer({ min: 1, max: 9 }), character: fc.constantFrom('s', 'w', '_', '.') });
  const line = fc.record({
    rows: fc.integer({ min: 1, max: 4 }),
    runs: fc
      .array(run, { minLength: 1, maxLength: 6 })
      .filter((runs) => runs.some(({ character }) => /[sw]/.test(character))),
  });
  const prefix = fc.constantFrom('', 'B-', 'Box ');
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), prefix, (lines, lead) => {
      let next = 1;
      const texts = lines.map(({ rows, runs }) => {
        const range = rows === 1 ? String(next) : `${next}-${next + rows - 1}`;
        next += rows;
        return `${range} ${runs.map(({ count, character }) => `${count}${character}`).join('')}`;
      });
      const { seats } = layoutOf(`section Hall prefix "${lead}"\n${texts.join('\n')}`);
      const seatCountOf = (runs: readonly { count: number; character: string }[]) =>
        runs.reduce((sum, { count, character }) => sum + (/[sw]/.test(character) ? count : 0), 0);
      const expectedRows = lines.flatMap(({ rows, runs }) => Array.from({ length: rows }, () => seatCountOf(runs)));
      const expectedLabels = expectedRows.flatMap((count, row) =>
        Array.from({ length: count }, (_, number) => `${lead}${row + 1}-${number + 1}`),
      );
      expect(seats.map(({ label }) => label)).toEqual(expectedLabels);
      // Rows are 1.1 apart. The seats of a row go from left to right, at least one width apart.
      const rows = [...Map.groupBy(seats, ({ row }) => row).values()];
      const firstY = rows[0]![0]!.y;
      rows.forEach((row, at) => {
        expect(row.filter(({ y }) => Math.abs(y - firstY - 1.1 * at) >= 0.05)).toEqual([]);
        expect(row.slice(1).filter(({ x }, index) => x - row[index]!.x <= 0.98)).toEqual([]);
      });
    }),
  );
});
