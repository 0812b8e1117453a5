import type { RowChange } from './outcome.js';
import type { OutboxRow } from './retry-policy.js';

/**
 * Describes a table that serves as an outbox or inbox. Each row is inserted in the transaction that stores the event
 * which the row is about. In addition to the columns that are named here, the table has `due_at` (time of the next
 * attempt) and `attempts` (number of attempts).
 */
export interface OutboxTable<Row extends OutboxRow> {
  readonly name: string;
  /** The columns of the primary key, each with the name of the property that has its value in a claimed row. */
  readonly key: Readonly<Record<string, keyof Row & string>>;
  /** SQL that selects the properties of a claimed row except `attempts`. The table's alias is `t`. */
  readonly columns: string;
  /** SQL condition for rows that are not finished. The index on `due_at` may be limited to these rows. */
  readonly isPending: string;
  /** How a row changes when its work is done. */
  readonly whenDone: FinalChange;
  /** How a row changes when it gets no further attempt. */
  readonly whenAbandoned: FinalChange;
  /**
   * Name of the column for the result of the last attempt, which is 64 characters long. Null if results are not kept.
   */
  readonly resultColumn: string | null;
  /**
   * Whether operators can make a finished row due again. If they can, only the worker with the current claim can finish
   * the row.
   */
  readonly canBeReplayed: boolean;
  /** The column that names a row's receiver, for a limit per receiver. Null if there is no such limit. */
  readonly receiver: Receiver<Row> | null;
}

/** What happens to a finished row. It is deleted, or it is kept and changed by SQL assignments. */
export type FinalChange = 'delete' | { readonly set: string };

export interface Receiver<Row> {
  readonly column: string;
  readonly sqlType: string;
  readonly property: keyof Row & string;
}

/** A statement with its name and values. Statements with the same name have the same text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Returns the statement that claims due rows. Rows that have been due for the longest time come first. A claim moves
 * `due_at` to the end of its lease instead of keeping a transaction open. If the node dies, the row becomes due again
 * at that time. Because of `skip locked`, two workers never claim the same row at the same time.
 */
export function claimStatement<Row extends OutboxRow>(
  { name, key, columns, isPending, receiver }: OutboxTable<Row>,
  limit: number,
  leaseMs: number,
  busyReceivers: readonly string[],
): Statement {
  const keys = Object.keys(key);
  return buildStatement(`outbox-claim-${name}`, (parameter) => {
    const isFree = receiver && `${receiver.column} <> all (${parameter(busyReceivers)}::${receiver.sqlType}[])`;
    return `with due as materialized (
        select ${keys.join(', ')} from ${name}
        where ${[isPending, 'due_at <= now()', ...(isFree === null ? [] : [isFree])].join(' and ')}
        order by due_at limit ${parameter(limit)} for update skip locked
      )
      update ${name} t set due_at = now() + ${parameter(leaseMs)} * interval '1 ms', attempts = t.attempts + 1
      from due where ${keys.map((column) => `t.${column} = due.${column}`).join(' and ')}
      returning ${columns}, t.attempts`;
  });
}

/** Returns the statement that changes a claimed row after an attempt. */
export function changeStatement<Row extends OutboxRow>(
  { name, key, isPending, resultColumn, whenDone, whenAbandoned, canBeReplayed }: OutboxTable<Row>,
  row: Row,
  change: RowChange,
): Statement {
  return buildStatement(`outbox-${change.type}-${name}`, (parameter) => {
    const result = (value: string | null) => (resultColumn ? `, ${resultColumn} = left(${parameter(value)}, 64)` : '');
    const rowCondition = () =>
      Object.entries(key)
        .map(([column, property]) => `${column} = ${parameter(row[property])}`)
        .join(' and ');
    // A later claim raises the number of attempts. So this condition protects a row that another worker has claimed
    // since.
    const claimCondition = () => `${rowCondition()} and attempts = ${parameter(row.attempts)} and ${isPending}`;
    const final = (end: FinalChange, value: string | null, condition: () => string) =>
      end === 'delete'
        ? `delete from ${name} where ${condition()}`
        : `update ${name} set ${end.set}${result(value)} where ${condition()}`;
    switch (change.type) {
      case 'postponed': {
        const dueAt = `now() + ${parameter(change.delayMs)} * interval '1 ms'`;
        return `update ${name} set due_at = ${dueAt}${result(change.reason)} where ${claimCondition()}`;
      }
      case 'done':
        // Work that is done stays done, even if another worker has claimed the row since.
        return final(whenDone, change.result, canBeReplayed ? claimCondition : rowCondition);
      case 'abandoned':
        return final(whenAbandoned, change.reason, claimCondition);
    }
  });
}

/**
 * Builds a statement. `write` gets a function, calls it for every value, and puts the returned placeholder into the
 * text.
 */
function buildStatement(name: string, write: (parameter: (value: unknown) => string) => string): Statement {
  const values: unknown[] = [];
  const text = write((value) => `$${values.push(value)}`);
  return { name, text, values };
}
