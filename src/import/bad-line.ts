/** A line of a file that cannot be imported. */
export interface BadLine {
  readonly file: string;
  /** Line number in the file, counted from 1. If the record has several lines, this is the number of the first. */
  readonly line: number;
  /** The dotted path of the wrong field. Empty if the whole line is wrong. */
  readonly field: string;
  /** What is wrong with the field or the line. */
  readonly message: string;
}

/**
 * Formats a bad line as compilers format their errors (`file:line: message`). Editors and terminals can then jump to
 * it.
 */
export const badLineText = ({ file, line, field, message }: BadLine): string =>
  `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`;
