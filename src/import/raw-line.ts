import type { Kind } from './line-kinds.js';

/** A line as read from a file: its fields, or the reason why it has none. */
export interface RawLine {
  /** Line number in the file, counted from 1. If the record has several lines, this is the number of the first. */
  readonly line: number;
  /** Null if the line cannot be read. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly problem: string | null;
  /**
   * The parts of fields that the line sets one by one, such as `rules.strictLine`. An existing row keeps the other
   * parts.
   */
  readonly parts?: readonly string[];
}

/** The input of a format's reader. */
export interface FormatSource {
  readonly file: string;
  /**
   * The kind that the file name states, for lines that do not state their own kind. Null if the file name states none.
   */
  readonly kind: Kind | null;
  readonly text: AsyncIterable<string>;
}

/** Maximum length of a line in characters. A layout of 100,000 seats takes 14 MB. */
export const lineLengthMax = 32 * 1024 * 1024;
