import { isSingleLine } from '../values/texts.js';
import { fitIntoFrame } from './frame.js';
import {
  findLayoutProblems,
  type LayoutBody,
  layoutNameLengthMax,
  layoutSeatsMax,
  layoutSectionsMax,
  layoutSideUnitsMax,
} from './layout-body.js';
import { LayoutTextError, parseNumber, parseOptions, quote } from './layout-text-words.js';
import { type LayoutStage, SeatKind } from './layout.js';
import { findOverlappingSeats } from './overlapping-seats.js';
import { type DrawnSeat, parseRowDrawing, type SeatType } from './row-drawing.js';
import { expandNameRange } from './row-names.js';
import { addRow, createHallSection, type SectionDraft } from './section-draft.js';

/** Maximum number of characters that draw seats in one layout, including the three standard characters. */
const seatTypesMax = 100;

/** Maximum distance of a section or the stage from the origin, in widths of a seat. */
const coordinateUnitsMax = 10_000;

const createStandardTypes = (): Map<string, SeatType> =>
  new Map([
    ['s', { tier: 'standard', kind: 'standard', width: 1 }],
    ['w', { tier: 'standard', kind: 'wheelchair', width: 1.5 }],
    ['c', { tier: 'standard', kind: 'companion', width: 1 }],
  ]);

/**
 * Builds a layout from the lines of its text. Every `read…` method throws a {@link LayoutTextError} if the line is
 * invalid.
 */
export class LayoutTextReader {
  private readonly types = createStandardTypes();
  private readonly sections: SectionDraft[] = [];
  private stage: LayoutStage | null = null;
  private pitch = 1.1;
  private aisleWidth = 1.2;
  /**
   * The sections to which the next row is added. There are several if one `section` line has defined a range of
   * sections.
   */
  private currentSections: SectionDraft[] = [];
  /** True if the current sections have a position of their own. False if they stand behind the previous section. */
  private isPlaced = false;
  /** Distance from the first row of the hall to the next row. */
  private hallDepth = 0;
  /** Distance from the first row of the current sections to the next row. */
  private sectionDepth = 0;
  private seatCount = 0;

  /** @param line the number of the line, from 1 */
  readLine(words: readonly string[], line: number): void {
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
        this.pitch = parseOnlyNumber('pitch', rest, 0.5, 100);
        return;
      case 'aisle':
        this.aisleWidth = parseOnlyNumber('aisle', rest, 0, 100);
        return;
      case 'gap':
        this.moveBack(parseOnlyNumber('gap', rest, 0, 1000));
        return;
      case 'section':
        this.readSection(rest, line);
        return;
      default:
        this.readRows(first, rest, line);
    }
  }

  /** Finishes the layout. Returns the layout, or its problems with their line numbers. */
  finish(): LayoutBody | { line: number; message: string }[] {
    const drawn = this.sections.flatMap(({ seats }) => seats);
    if (drawn.length === 0) {
      return [{ line: 1, message: 'there is no row; for example, A ssss draws a row of four seats' }];
    }
    const sections = this.sections.map(({ name }) => ({ name }));
    const layout = fitIntoFrame(
      sections,
      this.stage,
      drawn.map(({ seat }) => seat),
    );
    const findLine = (path: string): number => {
      const [list, index = ''] = path.split('.');
      return (list === 'seats' ? drawn[Number(index)] : this.sections[Number(index)])?.line ?? 1;
    };
    const layoutProblems = findLayoutProblems(layout);
    const problems = layoutProblems.length > 0 ? layoutProblems : findOverlappingSeats(layout.seats);
    return problems.length > 0 ? problems.map(({ path, message }) => ({ line: findLine(path), message })) : layout;
  }

  private readStage([label, ...rest]: readonly string[]): void {
    if (this.stage) throw new LayoutTextError('there is already a stage');
    if (!label) throw new LayoutTextError('a stage needs a label');
    checkName('the label of the stage', label);
    const options = parseOptions(rest, { width: 1, depth: 1, gap: 1, at: 2 });
    const [width, height] = [getSize(options, 'width', 10), getSize(options, 'depth', 0.5)];
    const gap = getSize(options, 'gap', 3);
    const [x, y] = getPlace(options) ?? [0, -gap - height / 2];
    this.stage = { label, x: x - width / 2, y: y - height / 2, width, height };
  }

  private readSeat([character = '', tier, ...rest]: readonly string[]): void {
    // No character has more than two code units. Checking the length first avoids splitting a long text.
    if (character.length > 2 || Array.from(character).length !== 1 || /[\d_.#"]/.test(character)) {
      throw new LayoutTextError(`seat needs one character that is not a digit, _ or ., but has ${quote(character)}`);
    }
    if (!tier) throw new LayoutTextError(`seat ${character} needs a tier`);
    checkName('the name of a tier', tier);
    if (this.types.size >= seatTypesMax && !this.types.has(character)) {
      throw new LayoutTextError(`a layout may define at most ${seatTypesMax} characters for seats`);
    }
    const [first = 'standard', ...others] = rest;
    const kind = SeatKind.safeParse(first).data;
    if (!kind || others.length > 0) {
      throw new LayoutTextError(`the kind of seat ${character} must be one of ${SeatKind.options.join(', ')}`);
    }
    this.types.set(character, { tier, kind, width: kind === 'wheelchair' ? 1.5 : 1 });
  }

  private readSection([range, ...rest]: readonly string[], line: number): void {
    if (!range) throw new LayoutTextError('a section needs a name');
    checkName('the name of a section', range);
    const options = parseOptions(rest, { prefix: 1, at: 2, round: 1, turn: 1, step: 1 });
    const names = options.has('step') ? expandNameRange(range) : [range];
    if (!names) throw new LayoutTextError(`${quote(range)} is not a range of sections such as 101-120`);
    const radius = options.has('round') ? getSize(options, 'round', 0) : null;
    const place = getPlace(options);
    if (options.has('step') && (place === null || radius === null)) {
      throw new LayoutTextError('step arranges sections around a point, so it needs at and round');
    }
    const prefix = options.get('prefix')?.[0] ?? (names.length > 1 ? '*-' : '');
    checkName('a prefix', prefix, { isPrefix: true });
    const [x, y] = place ?? [0, this.hallDepth - (radius ?? 0)];
    const [turn, step] = [getAngle(options, 'turn'), getAngle(options, 'step')];
    this.beginSections(
      names.map((name, at) => ({
        name,
        line,
        prefix: fillPrefix(prefix, name),
        x,
        y,
        radius,
        turn: turn + at * step,
        seats: [],
      })),
      place !== null,
    );
  }

  private beginSections(sections: SectionDraft[], isPlaced: boolean): void {
    if (this.sections.length + sections.length > layoutSectionsMax) {
      throw new LayoutTextError(`a hall may have at most ${layoutSectionsMax} sections`);
    }
    this.sections.push(...sections);
    this.currentSections = sections;
    this.isPlaced = isPlaced;
    this.sectionDepth = 0;
  }

  private readRows(range: string, [drawing, ...rest]: readonly string[], line: number): void {
    checkName('the name of a row', range);
    const names = expandNameRange(range);
    if (!names) throw new LayoutTextError(`${quote(range)} is not a range of rows such as A-H or 1-20`);
    if (drawing === undefined) {
      throw new LayoutTextError(`row ${range} has no seats; draw them, for example ${range} 4s_12s_4s`);
    }
    if (rest.length > 0) {
      throw new LayoutTextError(`row ${range}: ${quote(rest[0]!)} is unexpected; use _ to draw an aisle`);
    }
    if (this.currentSections.length === 0) this.beginSections([createHallSection(this.hallDepth)], false);
    // The drawing is parsed once for all rows of the line, so the cost of parsing does not grow with the number of
    // rows.
    const seats = this.parseDrawing(range, drawing, names.length);
    for (const name of names) {
      for (const section of this.currentSections) addRow(section, name, seats, this.sectionDepth, line);
      this.seatCount += seats.length * this.currentSections.length;
      this.moveBack(this.pitch);
    }
  }

  private parseDrawing(range: string, drawing: string, rowCount: number): DrawnSeat[] {
    const seatsMax = Math.floor((layoutSeatsMax - this.seatCount) / (rowCount * this.currentSections.length));
    try {
      return parseRowDrawing(drawing, this.types, this.aisleWidth, seatsMax);
    } catch (error) {
      if (error instanceof LayoutTextError) throw new LayoutTextError(`row ${range}: ${error.message}`);
      throw error;
    }
  }

  private moveBack(distance: number): void {
    if (Math.max(this.sectionDepth, this.hallDepth) + distance > layoutSideUnitsMax) {
      throw new LayoutTextError(`the hall would be deeper than ${layoutSideUnitsMax.toLocaleString('en')} seats`);
    }
    this.sectionDepth += distance;
    if (!this.isPlaced) this.hallDepth += distance;
  }
}

/**
 * Checks a name in a layout. A prefix may end with a space. For example, the prefix `Box ` gives the label `Box 1`.
 *
 * @throws LayoutTextError if the name is not valid
 */
function checkName(what: string, name: string, { isPrefix = false } = {}): void {
  if (!isSingleLine(name)) throw new LayoutTextError(`${what} must have no control characters`);
  if (name !== (isPrefix ? name.trimStart() : name.trim())) {
    throw new LayoutTextError(`${what} must not begin or end with a space: ${quote(name)}`);
  }
  if (name.length <= layoutNameLengthMax) return;
  throw new LayoutTextError(
    `${what} may have at most ${layoutNameLengthMax} characters, not ${name.length}: ${quote(name)}`,
  );
}

/** Returns the prefix of a section's labels: the given prefix with each `*` replaced by the section's name. */
function fillPrefix(prefix: string, name: string): string {
  const filled = prefix.replaceAll('*', name);
  checkName('a prefix', filled, { isPrefix: true });
  return filled;
}

type Options = ReturnType<typeof parseOptions>;

function parseOnlyNumber(what: string, [value, ...rest]: readonly string[], min: number, max: number): number {
  if (rest.length > 0) throw new LayoutTextError(`${what} needs exactly one number`);
  return parseNumber(value, what, min, max);
}

const getSize = (options: Options, name: string, defaultSize: number): number => {
  const values = options.get(name);
  return values ? parseNumber(values[0], name, 0.1, coordinateUnitsMax) : defaultSize;
};

const getAngle = (options: Options, name: string): number => {
  const values = options.get(name);
  return values ? (parseNumber(values[0], name, -360, 360) * Math.PI) / 180 : 0;
};

function getPlace(options: Options): readonly [number, number] | null {
  const values = options.get('at');
  if (!values) return null;
  const parse = (value: string | undefined) => parseNumber(value, 'at', -coordinateUnitsMax, coordinateUnitsMax);
  return [parse(values[0]), parse(values[1])];
}
