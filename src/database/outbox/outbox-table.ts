import type { RowChange } from './outcome.js';
import type { OutboxRow } from './retry-policy.js';

/**
 * Describes a table that serves as an outbox or inbox. Its rows are written in the transaction of the event that they are
 * about. Besides the columns named here, the table has `due_at`, the time of the next attempt, and `attempts`, their number.
 */
export interface OutboxTable<Row extends OutboxRow> {
  readonly name: string;
  /** The columns of the primary key, each with the property of the claimed row that holds its value. */
  readonly key: Readonly<Record<string, keyof Row & string>>;
  /** SQL that selects the properties of a claimed row except `attempts`. The table's alias is `t`. */
  readonly columns: string;
  /** SQL condition for rows that are not finished. The index on `due_at` may be limited to these rows. */
  readonly isPending: string;
  /** How a row changes when its work is done. */
  readonly whenDone: FinalChange;
  /** How a row changes when it gets no further attempt. */
  readonly whenAbandoned: FinalChange;
  /** Column for the result of the last attempt, 64 characters long. Null if results are not kept. */
  readonly resultColumn: string | null;
  /** Whether operations can make a finished row due again. If so, a row is finished only by its current claim. */
  readonly canBeReplayed: boolean;
  /** The column that names a row's receiver, for a limit per receiver. Null if there is no such limit. */
  readonly receiver: Receiver<Row> | null;
}

/** A finished row is deleted, or kept with some SQL assignments. */
export type FinalChange = 'delete' | { readonly set: string };

export interface Receiver<Row> {
  readonly column: string;
  readonly sqlType: string;
  readonly property: keyof Row & string;
}

/** A statement with its name and values. Statements of the same name have the same text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Returns the statement that claims due rows. It claims the rows that have been due longest first. A claim moves
 * `due_at` to the end of its lease instead of keeping a transaction open. If the node dies, the row becomes due again
 * at that time. `skip locked` gives every row to one worker only.
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
    // A later claim has raised the number of attempts, so this condition protects the row of another worker.
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

/** Builds a statement. `write` calls its argument for every value and puts the returned placeholder into the text. */
function buildStatement(name: string, write: (parameter: (value: unknown) => string) => string): Statement {
  const values: unknown[] = [];
  const text = write((value) => `$${values.push(value)}`);
  return { name, text, values };
}
