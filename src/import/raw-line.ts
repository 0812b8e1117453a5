import type { Kind } from './line-kinds.js';

/** A line as its file's format says it: its fields, or why it has none. */
export interface RawLine {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Null: it cannot be read. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly problem: string | null;
  /** Parts of fields that the line has by themselves, e.g. `rules.strictLine`: the field's other parts stay as they are. */
  readonly parts?: readonly string[];
}

/** What a reader of a format is given. */
export interface FormatSource {
  readonly file: string;
  /** What its lines are where they do not say so themselves. */
  readonly kind: Kind | null;
  readonly text: AsyncIterable<string>;
}

/** Longer lines are nobody's: a layout of 100,000 seats takes 14 MB. */
export const lineLengthMax = 32 * 1024 * 1024;
