import type { AuditEntry } from '@usher/contract';

/** The columns of the CSV export, each with the function that returns its value. */
const columns: readonly (readonly [name: string, valueOf: (entry: AuditEntry) => string | number | null])[] = [
  ['at', ({ at }) => at],
  ['action', ({ action }) => action],
  ['actorKind', ({ actor }) => actor.kind],
  ['actorId', ({ actor }) => actor.id],
  ['actorName', ({ actor }) => actor.name],
  ['subjectKind', ({ subject }) => subject.kind],
  ['subjectId', ({ subject }) => subject.id],
  ['showId', ({ showId }) => showId],
  ['cinemaId', ({ cinemaId }) => cinemaId],
  ['address', ({ address }) => address],
  ['before', ({ before }) => before && JSON.stringify(before)],
  ['after', ({ after }) => after && JSON.stringify(after)],
  ['seq', ({ seq }) => seq],
  ['hash', ({ hash }) => hash],
];

export const auditCsvHeader = `${columns.map(([name]) => name).join(',')}\r\n`;

/** Formats an entry as one row of CSV (RFC 4180). */
export const toAuditCsvRow = (entry: AuditEntry): string =>
  `${columns.map(([, valueOf]) => toCsvField(valueOf(entry))).join(',')}\r\n`;

/**
 * Formats one field. A leading apostrophe keeps spreadsheets from running a text such as `=1+1`, because the names of
 * keys and the reasons of acts are free text.
 */
function toCsvField(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
