import type { RowChange } from './outcome.js';
import type { OutboxStore } from './outbox-store.js';
import type { OutboxRow } from './retry-policy.js';

/** A claimed row of the simulated table. */
export interface SimulatedRow extends OutboxRow {
  readonly id: number;
  readonly receiver: string;
}

/** A row as the table stores it. */
interface StoredRow extends SimulatedRow {
  readonly dueAt: number;
  readonly status: 'pending' | 'done' | 'abandoned';
}

/** A table in memory with the semantics of `claimStatement` and `changeStatement`. Its clock is `Date.now`. */
export class SimulatedOutbox implements OutboxStore<SimulatedRow> {
  readonly rows = new Map<number, StoredRow>();
  /**
   * The time at which the lease of each row ends, by row id. Another claim of the row before this time would violate
   * the lease.
   */
  readonly leases = new Map<number, number>();

  add(id: number, dueAt: number, receiver = 'anyone'): void {
    this.rows.set(id, { id, receiver, dueAt, attempts: 0, status: 'pending' });
  }

  async claim(limit: number, leaseMs: number, busyReceivers: readonly string[]): Promise<SimulatedRow[]> {
    const now = Date.now();
    const due = [...this.rows.values()]
      .filter(
        ({ status, dueAt, receiver }) => status === 'pending' && dueAt <= now && !busyReceivers.includes(receiver),
      )
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
      .map((row) => ({ ...row, attempts: row.attempts + 1, dueAt: now + leaseMs }));
    for (const row of due) {
      this.rows.set(row.id, row);
      this.leases.set(row.id, row.dueAt);
    }
    return due.map(({ id, receiver, attempts }) => ({ id, receiver, attempts }));
  }

  async apply({ id, attempts }: SimulatedRow, change: RowChange): Promise<void> {
    const stored = this.rows.get(id);
    if (!stored) throw new Error(`there is no row ${id}`);
    if (change.type === 'done') this.rows.set(id, { ...stored, status: 'done' });
    else if (stored.attempts === attempts && stored.status === 'pending') {
      const dueAt = change.type === 'postponed' ? Date.now() + change.delayMs : stored.dueAt;
      this.rows.set(id, { ...stored, dueAt, status: change.type === 'postponed' ? 'pending' : 'abandoned' });
    }
  }

  receiverOf({ receiver }: SimulatedRow): string {
    return receiver;
  }
}
