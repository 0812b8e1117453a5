import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import type { Subscription } from 'rxjs';
import { Poller } from '../../common/poller.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import { ShowsService } from '../lane/shows.service.js';
import type { StoredChange } from '../core/log/show-change.js';

/** A change from the log of a show. */
export interface ConsumedChange {
  /** When the change was committed, in ms since 1970. */
  readonly at: number;
  /** The show's version before the commit. */
  readonly versionBefore: number;
  readonly change: StoredChange;
}

/** Writes messages about changes to shows, for example mails or webhooks. */
export interface LogConsumer {
  /** The name under which the table `log_consumer` stores how far the consumer has read. */
  readonly name: string;
  /** The types of changes that the consumer receives. */
  readonly types: readonly StoredChange['type'][];
  /** Returns true if anyone can receive messages. Otherwise the consumer does not read the logs. */
  readonly hasRecipients: () => Promise<boolean>;
  /** Writes messages about changes. The same transaction marks the changes as read, so each message is written once. */
  readonly consume: (client: PoolClient, showId: number, changes: readonly ConsumedChange[]) => Promise<void>;
}

/** Maximum number of log entries that one transaction reads. */
const entriesPerStepMax = 500;

/** Pause between two polls. A poll reads the logs of the shows that this node knows to have new entries. */
const pollIntervalMs = 100;

/**
 * Interval at which a node looks for unread entries in all shows. It limits the delay of messages after a node dies.
 */
const scanIntervalMs = 15_000;

/** Maximum number of shows that one scan finds per consumer. */
const showsPerScanMax = 1000;

/**
 * Reads the logs of shows and forwards new entries to consumers (mail, webhooks, push). The log contains every commit,
 * so consumers miss nothing and the lane does no work for them. Every node does this, and there is no leader. A row
 * lock per show and consumer ensures that only one node reads at a time.
 */
@Injectable()
export class LogConsumers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogConsumers.name);
  private readonly consumers: LogConsumer[] = [];
  /** Shows with entries that consumers may not have read. */
  private readonly unreadShows = new Set<number>();
  private subscription: Subscription | null = null;
  private readonly readPoller = new Poller(
    () => this.readShows(),
    (error) => this.logger.error({ err: error }, 'could not read the logs of shows; retrying'),
    1000,
  );
  private readonly scanPoller = Poller.every(
    scanIntervalMs,
    () => this.scan(),
    (error) => this.logger.error({ err: error }, 'could not look for unread log entries; retrying'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly shows: ShowsService,
  ) {}

  /** Adds a consumer. Modules call this method while they start. */
  register(consumer: LogConsumer): void {
    this.consumers.push(consumer);
  }

  onApplicationBootstrap(): void {
    this.subscription = this.shows.advances.subscribe(({ showId, bookings, lineChanges, noticed }) => {
      const hasPayments = bookings.some(
        ({ status, payment }) => status === 'booked' || payment?.status === 'refunding',
      );
      const hasLineChanges = lineChanges === null || lineChanges.length > 0;
      if (hasPayments || hasLineChanges || noticed.length > 0) this.unreadShows.add(showId);
    });
    this.readPoller.start();
    this.scanPoller.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.subscription?.unsubscribe();
    await Promise.all([this.readPoller.stop(), this.scanPoller.stop()]);
  }

  private async readShows(): Promise<number> {
    const showIds = [...this.unreadShows];
    if (showIds.length === 0) return pollIntervalMs;
    const active = await this.activeConsumers();
    for (const showId of showIds) {
      // Removed before the read, so that a commit during the read marks the show as unread again.
      this.unreadShows.delete(showId);
      try {
        for (const consumer of active) await this.readNewEntries(consumer, showId);
      } catch (error) {
        this.unreadShows.add(showId);
        throw error;
      }
    }
    return pollIntervalMs;
  }

  private async scan(): Promise<void> {
    for (const { name } of await this.activeConsumers()) {
      const { rows } = await this.pool.query<{ showId: number }>(
        `select l.show_id as "showId" from show_ledger l
         left join log_consumer f on f.show_id = l.show_id and f.consumer = $1
         where l.seq > coalesce(f.seq, 0) limit $2`,
        [name, showsPerScanMax],
      );
      for (const { showId } of rows) this.unreadShows.add(showId);
    }
  }

  private async activeConsumers(): Promise<LogConsumer[]> {
    const isActive = await Promise.all(this.consumers.map((consumer) => consumer.hasRecipients()));
    return this.consumers.filter((_, index) => isActive[index]);
  }

  private async readNewEntries(consumer: LogConsumer, showId: number): Promise<void> {
    await this.pool.query(
      'insert into log_consumer (show_id, consumer, seq) values ($1, $2, 0) on conflict do nothing',
      [showId, consumer.name],
    );
    for (;;) {
      const step = await runInTransaction(this.pool, (client) => this.readStep(client, consumer, showId));
      // Another node is reading this log. It may miss the newest entries, so this node tries again.
      if (step === 'busy') this.unreadShows.add(showId);
      if (step !== 'more') return;
    }
  }

  private async readStep(client: PoolClient, consumer: LogConsumer, showId: number): Promise<'more' | 'end' | 'busy'> {
    const { rows } = await client.query<{ seq: number }>(
      `select seq::float8 as seq from log_consumer where show_id = $1 and consumer = $2 for update skip locked`,
      [showId, consumer.name],
    );
    const [progress] = rows;
    if (!progress) return 'busy';
    const page = await client.query<{ last: number | null; count: number; changes: ConsumedChange[] }>(
      `with page as materialized (
         select seq, at, changes, coalesce((select version from show_log b where b.show_id = $1 and b.seq = l.seq - 1), 0)
           as before
         from show_log l where show_id = $1 and seq > $2 order by seq limit $3
       )
       select (select max(seq) from page)::float8 as last, (select count(*) from page)::int as count,
         (select coalesce(json_agg(json_build_object('at', ${toEpochMs('page.at')},
            'versionBefore', page.before, 'change', c.change) order by page.seq, c.n), '[]')
          from page, jsonb_array_elements(page.changes) with ordinality as c (change, n)
          where c.change->>'type' = any ($4)) as changes`,
      [showId, progress.seq, entriesPerStepMax, consumer.types],
    );
    const { last = null, count = 0, changes = [] } = page.rows[0] ?? {};
    if (last === null) return 'end';
    if (changes.length > 0) await consumer.consume(client, showId, changes);
    await client.query('update log_consumer set seq = $3 where show_id = $1 and consumer = $2', [
      showId,
      consumer.name,
      last,
    ]);
    return count === entriesPerStepMax ? 'more' : 'end';
  }
}
