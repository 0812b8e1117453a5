/** A line of a file that cannot be imported. */
export interface BadLine {
  readonly file: string;
  /** The number of its first line, from 1. */
  readonly line: number;
  /** The dotted path of the field; empty if the whole line is wrong. */
  readonly field: string;
  /** The problem of the field or the line. */
  readonly message: string;
}

/** Formats a bad line as compilers do (`file:line: message`), so that editors and terminals can open the place. */
export const badLineText = ({ file, line, field, message }: BadLine): string =>
  `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`;
