import { kindOf } from './change-kinds.js';
import type { LogEntry } from './log-entry.js';
import type { StoredChange } from './show-change.js';

/** A row of `show_log`. */
export interface LogRow extends Omit<LogEntry, 'changes'> {
  readonly changes: readonly StoredChange[];
  /** Whether a pseudonym has replaced a session in the changes. Absent if the reader does not ask for it. */
  readonly isRewritten?: boolean;
}

export const toStoredChanges = ({ changes }: LogEntry): StoredChange[] =>
  changes.map((change) => kindOf(change).toStored(change));

export const fromLogRow = ({ seq, commitId, version, at, changes }: LogRow): LogEntry => ({
  seq,
  commitId,
  version,
  at,
  changes: changes.map((stored) => kindOf(stored).fromStored(stored, { at, version })),
});
