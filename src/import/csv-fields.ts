import { type Kind, lineFields } from './line-kinds.js';

/** Fields whose cells contain numbers. */
const numbers = new Set(['lat', 'lon', 'cityId', 'cinemaId', 'hallId', 'movieId', 'durationMinutes']);

/**
 * Fields with parts. Either each part has its own column, such as `prices.standard`, or one cell contains all parts as
 * JSON.
 */
const parted = new Set(['prices', 'rules', 'waitingRoom', 'protection']);

/** Returns true if a column name is a field of the kind or a part of such a field. */
export function isColumn(kind: Kind, column: string): boolean {
  const [field, part] = splitColumn(column);
  return lineFields[kind].has(field) && (part === undefined || (parted.has(field) && part !== ''));
}

/** Returns the columns that name a part of a field, such as `rules.strictLine`. */
export const partColumns = (columns: readonly string[]): string[] => columns.filter((column) => column.includes('.'));

/**
 * Converts the cells of a line to the fields of a JSON line. A cell that should contain a number but does not is kept
 * as text, so that the schema reports it.
 */
export function csvFields(kind: Kind, cells: readonly (readonly [column: string, cell: string])[]) {
  const fields = new Map<string, unknown>();
  for (const [column, cell] of cells) {
    const [field, part] = splitColumn(column);
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

/** Splits a column name at its first dot, because the name of a tier may contain more dots. */
function splitColumn(column: string): [field: string, part?: string] {
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

/** Parses a person such as `Wong Kar-wai (director)`. A person without a role is an actor. */
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

/** Parses JSON. Returns a text that is not valid JSON unchanged. */
function json(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
