// Reads figures from the tables of docs/benchmarks.md, for the charts and for the capacity model.

const cellsOf = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/**
 * Returns the rows of the first table after a heading, each as an object from column to text.
 *
 * @param markdown the text of the page
 * @param heading the text of the heading without the leading `#` characters
 */
export function readTable(markdown, heading) {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`the page has no heading "${heading}"`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  const nextHeading = lines.findIndex((line, index) => index > start && /^#+ /.test(line));
  if (first < 0 || (nextHeading >= 0 && nextHeading < first)) throw new Error(`"${heading}" has no table`);
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  const [head, , ...rows] = lines.slice(first, length < 0 ? undefined : first + length).map(cellsOf);
  return rows.map((cells) => Object.fromEntries(head.map((column, index) => [column, cells[index] ?? ''])));
}

/** Converts a cell such as `1,017` to a number. Returns null for an empty cell. */
export function toNumber(cell) {
  if (cell === '') return null;
  const number = Number(cell.replaceAll(',', ''));
  if (Number.isNaN(number)) throw new Error(`"${cell}" is not a number`);
  return number;
}

/**
 * Returns one number from a table.
 *
 * @param row the cells that identify the row, by column
 */
export function readFigure(markdown, heading, row, column) {
  const found = readTable(markdown, heading).filter((one) =>
    Object.entries(row).every(([name, cell]) => one[name] === cell),
  );
  const what = `"${heading}": ${JSON.stringify(row)}, ${column}`;
  if (found.length !== 1) throw new Error(`${found.length} rows instead of one for ${what}`);
  const number = toNumber(found[0][column] ?? '');
  if (number === null) throw new Error(`no figure for ${what}`);
  return number;
}
