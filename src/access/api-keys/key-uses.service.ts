import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../../common/poller.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { PG_POOL } from '../../database/pg-pool.js';

/** Minimum time between two writes for the same key. */
const writeIntervalMs = 60_000;

/** Maximum time until the first use of a key is written. */
const pollIntervalMs = 1000;

/** Locks the rows in the order of their keys, so that two nodes cannot wait for each other. */
const writeUses = `update api_key k set last_used_at = greatest(k.last_used_at, used.at)
  from (select row.key_id, new.at from api_key row join unnest($1::uuid[], $2::timestamptz[]) as new (key_id, at)
    on new.key_id = row.key_id order by row.key_id for update of row) used
  where k.key_id = used.key_id`;

/**
 * Writes when each API key was last used. Calls only note the time in memory, so they do not wait for a write. Each node
 * writes the time of a key at most once a minute, and once more when it stops.
 */
@Injectable()
export class KeyUses implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(KeyUses.name);
  /** Times of uses that are not written yet, in ms since 1970, by key. */
  private readonly unwritten = new Map<string, number>();
  /** Times of the last writes on the node's monotonic clock, by key. */
  private readonly writtenAt = new Map<string, number>();
  private readonly polls = Poller.every(
    pollIntervalMs,
    () => this.write(this.dueKeys()),
    (error) => this.logger.warn({ err: error }, 'could not write the last uses of API keys; retrying in 1 s'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.polls.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.polls.stop();
    try {
      await this.write([...this.unwritten.keys()]);
    } catch (error) {
      this.logger.warn({ err: error }, 'could not write the last uses of API keys; they are lost');
    }
  }

  /** Notes that a key is used now. @param keyId null for the key of the settings, which has no row */
  record(keyId: string | null): void {
    if (keyId !== null) this.unwritten.set(keyId, this.clock.now());
  }

  private dueKeys(): string[] {
    const now = performance.now();
    for (const [keyId, at] of this.writtenAt) {
      if (now - at >= writeIntervalMs) this.writtenAt.delete(keyId);
    }
    return [...this.unwritten.keys()].filter((keyId) => !this.writtenAt.has(keyId));
  }

  private async write(keyIds: readonly string[]): Promise<void> {
    if (keyIds.length === 0) return;
    const times = keyIds.map((keyId) => this.unwritten.get(keyId) ?? this.clock.now());
    await this.pool.query(writeUses, [keyIds, times.map((at) => new Date(at))]);
    for (const [index, keyId] of keyIds.entries()) {
      this.writtenAt.set(keyId, performance.now());
      // A use during the write stays unwritten.
      if (this.unwritten.get(keyId) === times[index]) this.unwritten.delete(keyId);
    }
  }
}
