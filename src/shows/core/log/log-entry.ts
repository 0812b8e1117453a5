import { touchesSeats } from './change-kinds.js';
import type { ShowChange } from './show-change.js';

/**
 * A position in a show's log. `seq` counts the commits. `commitId` is a random number that identifies the last commit;
 * it is 0 before the first commit. Two histories of one show, for example in a database and in its copy, can reach the
 * same `seq`. They cannot reach the same `commitId`.
 */
export interface LogPosition {
  readonly seq: number;
  readonly commitId: number;
}

export const isSamePosition = (a: LogPosition, b: LogPosition): boolean => a.seq === b.seq && a.commitId === b.commitId;

/** One commit. `seq` counts every commit, and `version` counts only the commits that changed a seat. */
export interface LogEntry extends LogPosition {
  readonly version: number;
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  readonly changes: readonly ShowChange[];
}

/** A commit as a node announces it to the other nodes. */
export interface AnnouncedCommit extends LogEntry {
  /**
   * The id of the commit before this one. A node applies the announcement only if that is the last commit in its
   * memory.
   */
  readonly previousCommitId: number;
}

/** Returns the entry that follows a state in the log. */
export const nextEntry = (
  { seq, version, commitId: previousCommitId }: Pick<LogEntry, 'seq' | 'version' | 'commitId'>,
  changes: readonly ShowChange[],
  at: number,
  commitId: number,
): AnnouncedCommit => ({
  seq: seq + 1,
  version: changes.some(touchesSeats) ? version + 1 : version,
  at,
  changes,
  commitId,
  previousCommitId,
});
