import type { Pool } from 'pg';
import { withTimeout } from '../query-timeout.js';
import type { RowChange } from './outcome.js';
import { changeStatement, claimStatement, type OutboxTable, type Statement } from './outbox-table.js';
import type { OutboxRow } from './retry-policy.js';

/** Claims the rows of an outbox, and stores how the rows change after an attempt. */
export interface OutboxStore<Row extends OutboxRow> {
  /**
   * Claims due rows. No other worker gets a claimed row until the lease ends.
   *
   * @param limit maximum number of rows
   * @param busyReceivers receivers whose rows are not claimed
   */
  claim(limit: number, leaseMs: number, busyReceivers: readonly string[]): Promise<readonly Row[]>;
  /** Stores a change to a claimed row. */
  apply(row: Row, change: RowChange): Promise<void>;
  /** Returns the receiver of a row, or null if the outbox has no limit per receiver. */
  receiverOf(row: Row): string | null;
}

/** The store of an outbox table in PostgreSQL. */
export class PostgresOutboxStore<Row extends OutboxRow> implements OutboxStore<Row> {
  constructor(
    private readonly pool: Pool,
    private readonly table: OutboxTable<Row>,
  ) {}

  async claim(limit: number, leaseMs: number, busyReceivers: readonly string[]): Promise<Row[]> {
    return this.query(claimStatement(this.table, limit, leaseMs, busyReceivers));
  }

  async apply(row: Row, change: RowChange): Promise<void> {
    await this.query(changeStatement(this.table, row, change));
  }

  receiverOf(row: Row): string | null {
    const { receiver } = this.table;
    return receiver && String(row[receiver.property]);
  }

  private async query({ name, text, values }: Statement): Promise<Row[]> {
    return (await this.pool.query<Row>(withTimeout({ name, text, values: [...values] }))).rows;
  }
}
