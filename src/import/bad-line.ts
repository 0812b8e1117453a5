/** A line of a file that cannot be imported. */
export interface BadLine {
  readonly file: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Dotted; empty: it is the line as a whole. */
  readonly field: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** As compilers name a place, so that editors and terminals find it. */
export const badLineText = ({ file, line, field, message }: BadLine): string =>
  `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`;
