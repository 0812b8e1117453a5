import { CommitRows } from '../rows/commit-rows.js';
import type { CommitTables } from '../rows/show-commit.js';
import type { ShowState } from '../state/show-state.js';
import type { ShowAuditRecord } from '../model/audited.js';
import { kindOf } from './change-kinds.js';
import type { LogEntry } from './log-entry.js';

/** One commit in the form that the store writes: the log entry, and the rows that follow from it. */
export interface ShowCommit extends CommitTables {
  readonly showId: number;
  readonly entry: LogEntry;
  /** The acts of the commit that the audit trail records; none in most commits. */
  readonly audit: readonly ShowAuditRecord[];
}

/**
 * Returns the rows that a log entry writes to the tables.
 *
 * @param before the show before the entry
 * @param decision the acts to record, and when the next time-driven change to the lines is due
 */
export function toCommit(
  showId: number,
  before: ShowState,
  entry: LogEntry,
  { audit, linesDueAt }: Pick<ShowCommit, 'audit'> & { readonly linesDueAt: number | null },
): ShowCommit {
  const rows = new CommitRows(before, entry.at);
  for (const change of entry.changes) {
    const kind = kindOf(change);
    kind.addRows(rows, change, entry);
    const seats = kind.seats(change);
    if (seats) rows.seats.assign(seats);
    const link = kind.chainLink(change);
    if (link) rows.lines.addChainLink(link);
  }
  return { showId, entry, audit, ...rows.toTables(linesDueAt) };
}
