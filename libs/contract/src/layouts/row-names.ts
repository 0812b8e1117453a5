const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Letters of rows from the stage backwards: A to Z without I and O, which are read as 1 and 0; then AA, BB … */
export function toRowName(index: number): string {
  const letter = letters.charAt(index % letters.length);
  return letter.repeat(Math.floor(index / letters.length) + 1);
}

/** The place of a name among {@link toRowName}'s; -1: it is none of them. */
function rowIndex(name: string): number {
  const at = letters.indexOf(name.charAt(0));
  if (at < 0 || name !== name.charAt(0).repeat(name.length)) return -1;
  return (name.length - 1) * letters.length + at;
}

/** Names in one range at most. */
const rangeMax = 500;

/** The names that `A-H`, `X-CC` or `101-120` stands for; a name that is no range stands for itself; null: a wrong range. */
export function expandNameRange(range: string): string[] | null {
  const [, first = '', last = ''] = /^([A-Z]{1,8}|\d{1,6})-([A-Z]{1,8}|\d{1,6})$/.exec(range) ?? [];
  if (first === '') return [range];
  const isNumeric = /^\d/.test(first);
  if (isNumeric !== /^\d/.test(last)) return null;
  const [from, to] = isNumeric ? [Number(first), Number(last)] : [rowIndex(first), rowIndex(last)];
  if (from < 0 || to < from || to - from >= rangeMax) return null;
  return Array.from({ length: to - from + 1 }, (_, at) => (isNumeric ? String(from + at) : toRowName(from + at)));
}
