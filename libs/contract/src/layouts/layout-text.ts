import type { LayoutStage } from '../catalog.js';
import { isSingleLine, SeatKind } from '../primitives.js';
import { findOverlappingSeats } from './crowded-seats.js';
import {
  type LayoutBody,
  layoutNameLengthMax,
  findLayoutProblems,
  layoutSeatsMax,
  layoutSideUnitsMax,
  problemsMax,
  layoutSectionsMax,
} from './layout-body.js';
import { fitIntoFrame } from './layout-frame.js';
import { addRow, createHallSection, type SectionDraft } from './layout-section.js';
import { type DrawnSeat, parseRowDrawing, type SeatType } from './row-drawing.js';
import { expandNameRange } from './row-names.js';
import { LayoutTextError, parseNumber, parseOptions, quote, splitWords } from './text-words.js';

/** Characters that a layout's text may have. */
export const layoutTextLengthMax = 1_000_000;

/** Lines that a layout's text may have. */
export const layoutTextLinesMax = 20_000;

/** Characters that the `seat` lines of a text may define. */
const seatTypesMax = 100;

/** Something that a layout's text has wrong. */
export interface LayoutTextProblem {
  /** From 1. */
  readonly line: number;
  /** What is wrong, naming the row where it is one's. */
  readonly message: string;
}

/** What a text comes to: a layout, or what is wrong with it. */
export type ParsedLayout =
  | { readonly layout: LayoutBody; readonly problems: readonly [] }
  | { readonly layout: null; readonly problems: readonly LayoutTextProblem[] };

/**
 * Reads a layout in the compact text form, a line a thing:
 *
 * ```
 * # A comment. Distances are in seats: 1 is the width of one.
 * stage Screen width 9 depth 0.4 gap 3     how wide and deep it is, how far before the first row; or `at X Y`, its middle
 * seat S premium                           what a character stands for: tier, then wheelchair, companion, restrictedView
 * pitch 1.15                               from row to row, from here on
 * aisle 1.4                                how wide `_` is, from here on
 * section Stalls                           its rows follow; those of the next section stand behind them
 * A-C 4s_12s_4s                            rows A, B and C (without I and O): 4 seats, an aisle, 12, an aisle, 4
 * gap 1.5                                  more space before the next row
 * D ssss_cwwcSScwwc_ssss                   `.` is an empty place; rows are centred
 * section Circle round 40 prefix C-        rows bend round a point 40 before its first one; labels are C-A1 …
 * section "Box 1" at -31 5 turn 90         stands at a place of its own, turned clockwise; its first row's middle is there
 * section 101-120 at 0 0 round 35 step 18  twenty sections alike round the point 0 0, each 18° on from the one before
 * ```
 *
 * Without `seat` lines, `s` is a seat, `w` a wheelchair place and `c` a companion's, all of the tier `standard`. Seats are
 * numbered from 1, left to right. Labels are prefix, row and number.
 */
export function parseLayoutText(text: string): ParsedLayout {
  if (text.length > layoutTextLengthMax)
    return broken([{ line: 1, message: `longer than ${layoutTextLengthMax} characters` }]);
  const reader = new Reader();
  const problems: LayoutTextProblem[] = [];
  // One part more than a text may have lines, so a text of a million line ends does not become a million parts.
  const lines = text.split(/\r\n|\r|\n/, layoutTextLinesMax + 1);
  if (lines.length > layoutTextLinesMax) {
    return broken([{ line: layoutTextLinesMax + 1, message: `a layout has at most ${layoutTextLinesMax} lines` }]);
  }
  for (const [index, line] of lines.entries()) {
    if (problems.length >= problemsMax) break;
    try {
      reader.read(splitWords(line), index + 1);
    } catch (error) {
      if (!(error instanceof LayoutTextError)) throw error;
      problems.push({ line: index + 1, message: error.message });
    }
  }
  return problems.length > 0 ? broken(problems) : reader.end();
}

const broken = (problems: readonly LayoutTextProblem[]): ParsedLayout => ({ layout: null, problems });

const standardTypes = (): Map<string, SeatType> =>
  new Map([
    ['s', { tier: 'standard', kind: 'standard', width: 1 }],
    ['w', { tier: 'standard', kind: 'wheelchair', width: 1.5 }],
    ['c', { tier: 'standard', kind: 'companion', width: 1 }],
  ]);

const far = 10_000;

class Reader {
  private readonly types = standardTypes();
  private readonly sections: SectionDraft[] = [];
  private stage: LayoutStage | null = null;
  private pitch = 1.1;
  private aisle = 1.2;
  /** Those that the rows of now belong to: one, or several alike. */
  private current: SectionDraft[] = [];
  /** Whether they stand at a place of their own, and not behind what came before. */
  private isPlaced = false;
  /** From the first row of all to the next one. */
  private flow = 0;
  /** From the first row of {@link current} to the next one. */
  private depth = 0;
  private seatCount = 0;

  read(words: readonly string[], line: number): void {
    const [first, ...rest] = words;
    switch (first) {
      case undefined:
        return;
      case 'stage':
        this.readStage(rest);
        return;
      case 'seat':
        this.readSeat(rest);
        return;
      case 'pitch':
        this.pitch = onlyNumber('pitch', rest, 0.5, 100);
        return;
      case 'aisle':
        this.aisle = onlyNumber('aisle', rest, 0, 100);
        return;
      case 'gap':
        this.goBack(onlyNumber('gap', rest, 0, 1000));
        return;
      case 'section':
        this.readSection(rest, line);
        return;
      default:
        this.readRows(first, rest, line);
    }
  }

  end(): ParsedLayout {
    const placed = this.sections.flatMap(({ seats }) => seats);
    if (placed.length === 0)
      return broken([{ line: 1, message: 'there is no row yet: A ssss draws one of four seats' }]);
    const sections = this.sections.map(({ name }) => ({ name }));
    const layout = fitIntoFrame(
      sections,
      this.stage,
      placed.map(({ seat }) => seat),
    );
    const lineOf = (path: string): number => {
      const [list, index = ''] = path.split('.');
      return (list === 'seats' ? placed[Number(index)] : this.sections[Number(index)])?.line ?? 1;
    };
    const found = findLayoutProblems(layout);
    const problems = (found.length > 0 ? found : findOverlappingSeats(layout.seats)).map(({ path, message }) => ({
      line: lineOf(path),
      message,
    }));
    return problems.length > 0 ? broken(problems) : { layout, problems: [] };
  }

  private readStage([label, ...rest]: readonly string[]): void {
    if (this.stage) throw new LayoutTextError('there is a stage already');
    if (!label) throw new LayoutTextError('a stage wants a label');
    checkName('the label of the stage', label);
    const options = parseOptions(rest, { width: 1, depth: 1, gap: 1, at: 2 });
    const [width, height] = [sizeOf(options, 'width', 10), sizeOf(options, 'depth', 0.5)];
    const gap = sizeOf(options, 'gap', 3);
    const [x, y] = placeOf(options) ?? [0, -gap - height / 2];
    this.stage = { label, x: x - width / 2, y: y - height / 2, width, height };
  }

  private readSeat([character = '', tier, ...rest]: readonly string[]): void {
    // Two units at most, as a character outside of the first plane has.
    if (character.length > 2 || Array.from(character).length !== 1 || /[\d_.#"]/.test(character)) {
      throw new LayoutTextError(`seat wants one character that is no digit, _ or ., not ${quote(character)}`);
    }
    if (!tier) throw new LayoutTextError(`seat ${character} wants a tier`);
    checkName('a tier', tier);
    if (this.types.size >= seatTypesMax && !this.types.has(character)) {
      throw new LayoutTextError(`a layout has at most ${seatTypesMax} characters for seats`);
    }
    const [first = 'standard', ...others] = rest;
    const kind = SeatKind.safeParse(first).data;
    if (!kind || others.length > 0) {
      throw new LayoutTextError(`seat ${character} is of one kind: ${SeatKind.options.join(', ')}`);
    }
    this.types.set(character, { tier, kind, width: kind === 'wheelchair' ? 1.5 : 1 });
  }

  private readSection([range, ...rest]: readonly string[], line: number): void {
    if (!range) throw new LayoutTextError('a section wants a name');
    checkName('a name of a section', range);
    const options = parseOptions(rest, { prefix: 1, at: 2, round: 1, turn: 1, step: 1 });
    const names = options.has('step') ? expandNameRange(range) : [range];
    if (!names) throw new LayoutTextError(`${quote(range)} is no range of sections, as 101-120 is`);
    const radius = options.has('round') ? sizeOf(options, 'round', 0) : null;
    const place = placeOf(options);
    if (options.has('step') && (place === null || radius === null)) {
      throw new LayoutTextError('step turns sections round a point: it wants at and round');
    }
    const prefix = options.get('prefix')?.[0] ?? (names.length > 1 ? '*-' : '');
    checkName('a prefix', prefix, { isPrefix: true });
    const [x, y] = place ?? [0, this.flow - (radius ?? 0)];
    const [turn, step] = [angleOf(options, 'turn'), angleOf(options, 'step')];
    this.begin(
      names.map((name, at) => ({
        name,
        line,
        prefix: prefixOf(prefix, name),
        x,
        y,
        radius,
        turn: turn + at * step,
        seats: [],
      })),
      place !== null,
    );
  }

  private begin(sections: SectionDraft[], isPlaced: boolean): void {
    if (this.sections.length + sections.length > layoutSectionsMax) {
      throw new LayoutTextError(`a hall has ${layoutSectionsMax} sections at most`);
    }
    this.sections.push(...sections);
    this.current = sections;
    this.isPlaced = isPlaced;
    this.depth = 0;
  }

  private readRows(range: string, [drawing, ...rest]: readonly string[], line: number): void {
    checkName('a name of a row', range);
    const names = expandNameRange(range);
    if (!names) throw new LayoutTextError(`${quote(range)} is no range of rows, as A-H or 1-20 is`);
    if (drawing === undefined) throw new LayoutTextError(`row ${range} wants its seats drawn, as ${range} 4s_12s_4s`);
    if (rest.length > 0) throw new LayoutTextError(`row ${range}: ${quote(rest[0]!)} is too much; _ draws an aisle`);
    if (this.current.length === 0) this.begin([createHallSection(this.flow)], false);
    // Once for all rows of the line: its cost does not grow with the range.
    const seats = this.drawn(range, drawing, names.length);
    for (const name of names) {
      for (const section of this.current) addRow(section, name, seats, this.depth, line);
      this.seatCount += seats.length * this.current.length;
      this.goBack(this.pitch);
    }
  }

  private drawn(range: string, drawing: string, rowCount: number): DrawnSeat[] {
    const seatsMax = Math.floor((layoutSeatsMax - this.seatCount) / (rowCount * this.current.length));
    try {
      return parseRowDrawing(drawing, this.types, this.aisle, seatsMax);
    } catch (error) {
      if (error instanceof LayoutTextError) throw new LayoutTextError(`row ${range}: ${error.message}`);
      throw error;
    }
  }

  private goBack(distance: number): void {
    if (Math.max(this.depth, this.flow) + distance > layoutSideUnitsMax) {
      throw new LayoutTextError(`with it the hall is deeper than ${layoutSideUnitsMax.toLocaleString('en')} seats`);
    }
    this.depth += distance;
    if (!this.isPlaced) this.flow += distance;
  }
}

/** @throws LayoutTextError for a name that a layout's names may not be. A prefix may end with a space: `Box 1`. */
function checkName(what: string, name: string, { isPrefix = false } = {}): void {
  if (!isSingleLine(name)) throw new LayoutTextError(`${what} must have no control characters`);
  if (name !== (isPrefix ? name.trimStart() : name.trim())) {
    throw new LayoutTextError(`${what} must not begin or end with a space: ${quote(name)}`);
  }
  if (name.length <= layoutNameLengthMax) return;
  throw new LayoutTextError(
    `${what} has at most ${layoutNameLengthMax} characters, not ${name.length}: ${quote(name)}`,
  );
}

/** The prefix of a section's labels: `*` stands for the section's name. */
function prefixOf(prefix: string, name: string): string {
  const filled = prefix.replaceAll('*', name);
  checkName('a prefix', filled, { isPrefix: true });
  return filled;
}

type Options = ReturnType<typeof parseOptions>;

function onlyNumber(what: string, [value, ...rest]: readonly string[], min: number, max: number): number {
  if (rest.length > 0) throw new LayoutTextError(`${what} wants one number`);
  return parseNumber(value, what, min, max);
}

const sizeOf = (options: Options, name: string, otherwise: number): number => {
  const given = options.get(name);
  return given ? parseNumber(given[0], name, 0.1, far) : otherwise;
};

const angleOf = (options: Options, name: string): number => {
  const given = options.get(name);
  return given ? (parseNumber(given[0], name, -360, 360) * Math.PI) / 180 : 0;
};

function placeOf(options: Options): readonly [number, number] | null {
  const given = options.get('at');
  return given ? [parseNumber(given[0], 'at', -far, far), parseNumber(given[1], 'at', -far, far)] : null;
}
