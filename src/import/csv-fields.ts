import { type Kind, lineFields } from './line-kinds.js';

/** Fields whose cells are numbers. */
const numbers = new Set(['lat', 'lon', 'cityId', 'cinemaId', 'hallId', 'movieId', 'durationMinutes']);

/** Fields with fields of their own: in a column each, `prices.standard`, or in one cell as JSON. */
const parted = new Set(['prices', 'rules', 'waitingRoom']);

/** Whether a column's name is a field of a kind, or of one of its fields. */
export function isColumn(kind: Kind, column: string): boolean {
  const [field, part] = halves(column);
  return lineFields[kind].has(field) && (part === undefined || (parted.has(field) && part !== ''));
}

/** The columns that have a part of a field, e.g. `rules.strictLine`. */
export const partColumns = (columns: readonly string[]): string[] => columns.filter((column) => column.includes('.'));

/**
 * The cells of a line as the fields of a JSON line would be. What is no number where one is due stays text, for the schema
 * to say so.
 */
export function csvFields(kind: Kind, cells: readonly (readonly [column: string, cell: string])[]) {
  const fields = new Map<string, unknown>();
  for (const [column, cell] of cells) {
    const [field, part] = halves(column);
    if (part === undefined) {
      fields.set(field, valueOf(field, cell));
      continue;
    }
    const before = fields.get(field);
    const parts = before instanceof Map ? before : new Map<string, unknown>();
    fields.set(field, parts.set(part, scalar(cell)));
  }
  return Object.fromEntries(
    [...fields].map(([field, value]) => [field, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

/** At the first dot: a tier's name may have more. */
function halves(column: string): [field: string, part?: string] {
  const dot = column.indexOf('.');
  return dot < 0 ? [column] : [column.slice(0, dot), column.slice(dot + 1)];
}

function valueOf(field: string, cell: string): unknown {
  if (numbers.has(field)) return numberOr(cell);
  if (/^\s*[{[]/.test(cell) && (parted.has(field) || ['people', 'genres', 'layout'].includes(field))) return json(cell);
  if (field === 'layout') return { text: cell };
  if (field === 'genres') return listed(cell);
  if (field === 'people') return listed(cell).map(person);
  return cell;
}

const listed = (cell: string): string[] =>
  cell
    .split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** `Wong Kar-wai (director)`; without a role it is an actor's. */
function person(written: string): { name: string; role: string } {
  const open = written.endsWith(')') ? written.lastIndexOf('(') : -1;
  const name = written.slice(0, Math.max(open, 0)).trimEnd();
  const role = written.slice(open + 1, -1);
  const hasRole = name !== '' && role !== '' && !role.includes(')');
  return hasRole ? { name, role } : { name: written, role: 'actor' };
}

function scalar(cell: string): unknown {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  if (cell === 'null') return null;
  if (/^\s*\{/.test(cell)) return json(cell);
  return numberOr(cell);
}

const numberOr = (cell: string): number | string =>
  /^\s*[+-]?[0-9]{1,15}(\.[0-9]{1,15})?\s*$/.test(cell) ? Number(cell) : cell;

/** Text that is no JSON stays text. */
function json(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
