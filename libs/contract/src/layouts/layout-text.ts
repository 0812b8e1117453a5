import { type LayoutBody, problemsMax } from './layout-body.js';
import { LayoutTextReader } from './layout-text-reader.js';
import { LayoutTextError, splitWords } from './layout-text-words.js';

/** Maximum number of characters in the text of a layout. */
export const layoutTextLengthMax = 1_000_000;

/** Maximum number of lines in the text of a layout. */
export const layoutTextLinesMax = 20_000;

/** A problem in the text of a layout. */
export interface LayoutTextProblem {
  /** The number of the line, from 1. */
  readonly line: number;
  /** The problem. If it concerns a row, the message names the row. */
  readonly message: string;
}

/** The result of reading a text: either a layout or the problems of the text. */
export type ParsedLayout =
  | { readonly layout: LayoutBody; readonly problems: readonly [] }
  | { readonly layout: null; readonly problems: readonly LayoutTextProblem[] };

/**
 * Parses a layout in the compact text form. Each line is one statement:
 *
 * ```
 * # A comment. One unit of distance is the width of a seat.
 * stage Screen width 9 depth 0.4 gap 3     the stage: its width and depth, and its distance to the first row
 *                                          (instead of `gap 3`, `at X Y` sets its centre)
 * seat S premium                           a character and its seat: the tier, then optionally the kind, which is
 *                                          `wheelchair`, `companion` or `restrictedView`
 * pitch 1.15                               the distance between rows, from here on
 * aisle 1.4                                the width of `_`, from here on
 * section Stalls                           the next rows belong to this section, behind the previous section
 * A-C 4s_12s_4s                            rows A, B and C: 4 seats, an aisle, 12 seats, an aisle, 4 seats
 * gap 1.5                                  extra distance before the next row
 * D ssss_cwwcSScwwc_ssss                   one row; every row is centred, and `.` is an empty place
 * section Circle round 40 prefix C-        curved rows around a point 40 in front of the first row; labels are C-A1 …
 * section "Box 1" at -31 5 turn 90         a section turned clockwise by 90°, with the centre of its first row at -31, 5
 * section 101-120 at 0 0 round 35 step 18  twenty equal sections around the point 0, 0, each 18° after the previous one
 * ```
 *
 * Without `seat` lines, `s` is a seat, `w` is a wheelchair place and `c` is a companion seat, all of the tier `standard`.
 * A range of rows leaves out the letters I and O. Seats are numbered from 1, from left to right. A label consists of the
 * prefix, the row and the number.
 */
export function parseLayoutText(text: string): ParsedLayout {
  if (text.length > layoutTextLengthMax) {
    return toFailure([{ line: 1, message: `the text is longer than ${layoutTextLengthMax} characters` }]);
  }
  const reader = new LayoutTextReader();
  const problems: LayoutTextProblem[] = [];
  // The split stops one line after the maximum, so a text with a million line breaks does not become a million strings.
  const lines = text.split(/\r\n|\r|\n/, layoutTextLinesMax + 1);
  if (lines.length > layoutTextLinesMax) {
    const message = `a layout may have at most ${layoutTextLinesMax} lines`;
    return toFailure([{ line: layoutTextLinesMax + 1, message }]);
  }
  for (const [index, line] of lines.entries()) {
    if (problems.length >= problemsMax) break;
    try {
      reader.readLine(splitWords(line), index + 1);
    } catch (error) {
      if (!(error instanceof LayoutTextError)) throw error;
      problems.push({ line: index + 1, message: error.message });
    }
  }
  if (problems.length > 0) return toFailure(problems);
  const result = reader.finish();
  return Array.isArray(result) ? toFailure(result) : { layout: result, problems: [] };
}

const toFailure = (problems: readonly LayoutTextProblem[]): ParsedLayout => ({ layout: null, problems });
