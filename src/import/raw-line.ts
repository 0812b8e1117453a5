import type { Kind } from './line-kinds.js';

/** A line as read from a file: its fields, or the reason why it has none. */
export interface RawLine {
  /** The number of its first line, from 1. */
  readonly line: number;
  /** Null if the line cannot be read. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly problem: string | null;
  /** Single parts of fields that the line sets, such as `rules.strictLine`. The other parts of these fields stay. */
  readonly parts?: readonly string[];
}

/** The input of a format's reader. */
export interface FormatSource {
  readonly file: string;
  /** The kind of lines that do not state their own kind; null if the file name states none. */
  readonly kind: Kind | null;
  readonly text: AsyncIterable<string>;
}

/** Longest accepted line. A layout of 100,000 seats takes 14 MB. */
export const lineLengthMax = 32 * 1024 * 1024;
