const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Converts the position of a row, counted from the stage, to its name: A to Z, then AA, BB and so on. The letters I and
 * O are left out, because people confuse them with 1 and 0.
 */
export function toRowName(index: number): string {
  const letter = letters.charAt(index % letters.length);
  return letter.repeat(Math.floor(index / letters.length) + 1);
}

/** Returns the position of the row with a name, or -1 if {@link toRowName} never returns this name. */
function toRowIndex(name: string): number {
  const at = letters.indexOf(name.charAt(0));
  if (at < 0 || name !== name.charAt(0).repeat(name.length)) return -1;
  return (name.length - 1) * letters.length + at;
}

/** Maximum number of names in one range. */
const rangeNamesMax = 500;

/**
 * Expands a range of names, such as `A-H`, `X-CC` or `101-120`. Any other text counts as a single name.
 *
 * @returns the names, or null if the text looks like a range but is not valid
 */
export function expandNameRange(range: string): string[] | null {
  const [, first = '', last = ''] = /^([A-Z]{1,8}|\d{1,6})-([A-Z]{1,8}|\d{1,6})$/.exec(range) ?? [];
  if (first === '') return [range];
  const isNumeric = /^\d/.test(first);
  if (isNumeric !== /^\d/.test(last)) return null;
  const [from, to] = isNumeric ? [Number(first), Number(last)] : [toRowIndex(first), toRowIndex(last)];
  if (from < 0 || to < from || to - from >= rangeNamesMax) return null;
  return Array.from({ length: to - from + 1 }, (_, at) => (isNumeric ? String(from + at) : toRowName(from + at)));
}
