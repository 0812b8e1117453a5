import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../../common/poller.js';
import type { DatabaseClock } from '../../database/database-clock.js';

/** Minimum time between two writes for the same row. */
const writeIntervalMs = 60_000;

/** Maximum time until the first use of a row is written. */
const pollIntervalMs = 1000;

/** A table with the column `last_used_at`. */
interface UsedTable {
  readonly name: string;
  readonly idColumn: string;
  /** Its rows in the texts of the log. */
  readonly subject: string;
}

/** Locks the rows in the order of their ids, so that two nodes cannot wait for each other. */
const writeUses = ({ name, idColumn }: UsedTable): string => `update ${name} t
  set last_used_at = greatest(t.last_used_at, used.at)
  from (select row.${idColumn} as id, new.at from ${name} row
    join unnest($1::uuid[], $2::timestamptz[]) as new (id, at) on new.id = row.${idColumn}
    order by row.${idColumn} for update of row) used
  where t.${idColumn} = used.id`;

/**
 * Writes when each row of a table was last used. Calls only note the time in memory, so they do not wait for a write. Each
 * node writes the time of a row at most once a minute, and once more when it stops.
 */
export abstract class LastUses implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  /** Times of uses that are not written yet, in ms since 1970, by id. */
  private readonly unwritten = new Map<string, number>();
  /** Times of the last writes on the node's monotonic clock, by id. */
  private readonly writtenAt = new Map<string, number>();
  private readonly polls = Poller.every(
    pollIntervalMs,
    () => this.write(this.dueIds()),
    (error) =>
      this.logger.warn({ err: error }, `could not write the last uses of ${this.table.subject}; retrying in 1 s`),
  );

  constructor(
    private readonly pool: Pool,
    private readonly clock: DatabaseClock,
    private readonly table: UsedTable,
  ) {}

  onApplicationBootstrap(): void {
    this.polls.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.polls.stop();
    try {
      await this.write([...this.unwritten.keys()]);
    } catch (error) {
      this.logger.warn({ err: error }, `could not write the last uses of ${this.table.subject}; they are lost`);
    }
  }

  /** Notes that a row is used now. */
  record(id: string): void {
    this.unwritten.set(id, this.clock.now());
  }

  private dueIds(): string[] {
    const now = performance.now();
    for (const [id, at] of this.writtenAt) {
      if (now - at >= writeIntervalMs) this.writtenAt.delete(id);
    }
    return [...this.unwritten.keys()].filter((id) => !this.writtenAt.has(id));
  }

  private async write(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const times = ids.map((id) => this.unwritten.get(id) ?? this.clock.now());
    await this.pool.query(writeUses(this.table), [ids, times.map((at) => new Date(at))]);
    for (const [index, id] of ids.entries()) {
      this.writtenAt.set(id, performance.now());
      // A use during the write stays unwritten.
      if (this.unwritten.get(id) === times[index]) this.unwritten.delete(id);
    }
  }
}
