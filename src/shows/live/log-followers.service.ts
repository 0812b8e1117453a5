import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import type { Subscription } from 'rxjs';
import { Poller } from '../../common/poller.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { StoredChange } from '../core/log/show-change.js';
import { ShowsService } from '../lane/shows.service.js';

/** A change and when it was committed, in ms since 1970. */
export interface FollowedChange {
  readonly at: number;
  /** The show's version before the commit. */
  readonly versionBefore: number;
  readonly change: StoredChange;
}

/** Somebody who tells others what happened to shows. */
export interface LogFollower {
  /** Names how far it has read, in the tables. */
  readonly name: string;
  /** The changes that it is told of. */
  readonly types: readonly StoredChange['type'][];
  /** Whether there is anybody to tell. While there is not, logs are left unread. */
  readonly isWanted: () => Promise<boolean>;
  /** Writes down what is to be told: in the transaction that marks the changes as read, so once. */
  readonly take: (client: PoolClient, showId: number, changes: readonly FollowedChange[]) => Promise<void>;
}

/** Log entries that are read in one step. */
const entriesMax = 500;

/** Pause between two looks at the shows that this node knows to have news. */
const lookMs = 100;

/** How often all ledgers are compared with what was read: news of a node that died are as late as this. */
const sweepMs = 15_000;

/** Shows that one sweep finds for each follower. */
const sweepShowsMax = 1000;

/**
 * Reads the logs of shows for those who tell others, mails and webhooks. What the lane committed is in the log, so
 * nothing is lost and the lane does nothing for it. Every node does it, and there is no leader: a show's row for a
 * follower is locked by one at a time.
 */
@Injectable()
export class LogFollowers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogFollowers.name);
  private readonly followers: LogFollower[] = [];
  private readonly news = new Set<number>();
  private subscription: Subscription | null = null;
  private readonly looks = new Poller(
    () => this.look(),
    (error) => this.logger.error({ err: error }, 'the logs of shows could not be read on'),
    1000,
  );
  private readonly sweeps = new Poller(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'shows with news could not be looked for'),
    sweepMs,
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly shows: ShowsService,
  ) {}

  /** To be called while modules start. */
  follow(follower: LogFollower): void {
    this.followers.push(follower);
  }

  onApplicationBootstrap(): void {
    this.subscription = this.shows.advances.subscribe(({ showId, bookings, lineChanges, noticed }) => {
      const isOfMoney = bookings.some(({ status, payment }) => status === 'booked' || payment?.status === 'refunding');
      const isOfLines = lineChanges === null || lineChanges.length > 0;
      if (isOfMoney || isOfLines || noticed.length > 0) this.news.add(showId);
    });
    this.looks.start();
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.subscription?.unsubscribe();
    await Promise.all([this.looks.stop(), this.sweeps.stop()]);
  }

  private async look(): Promise<number> {
    const showIds = [...this.news];
    if (showIds.length === 0) return lookMs;
    const wanted = await this.wanted();
    for (const showId of showIds) {
      // Before it is read: what is committed meanwhile is news again.
      this.news.delete(showId);
      try {
        for (const follower of wanted) await this.readOn(follower, showId);
      } catch (error) {
        this.news.add(showId);
        throw error;
      }
    }
    return lookMs;
  }

  private async sweep(): Promise<number> {
    for (const { name } of await this.wanted()) {
      const { rows } = await this.pool.query<{ showId: number }>(
        `select l.show_id as "showId" from show_ledger l
         left join log_follower f on f.show_id = l.show_id and f.follower = $1
         where l.seq > coalesce(f.seq, 0) limit $2`,
        [name, sweepShowsMax],
      );
      for (const { showId } of rows) this.news.add(showId);
    }
    return sweepMs;
  }

  private async wanted(): Promise<LogFollower[]> {
    const are = await Promise.all(this.followers.map((follower) => follower.isWanted()));
    return this.followers.filter((_, index) => are[index]);
  }

  private async readOn(follower: LogFollower, showId: number): Promise<void> {
    await this.pool.query(
      'insert into log_follower (show_id, follower, seq) values ($1, $2, 0) on conflict do nothing',
      [showId, follower.name],
    );
    for (;;) {
      const step = await runInTransaction(this.pool, (client) => this.step(client, follower, showId));
      // Another node reads; what it does not see any more is told to that node as well, or found by a sweep.
      if (step === 'busy') this.news.add(showId);
      if (step !== 'more') return;
    }
  }

  private async step(client: PoolClient, follower: LogFollower, showId: number): Promise<'more' | 'end' | 'busy'> {
    const { rows } = await client.query<{ seq: number }>(
      `select seq::float8 as seq from log_follower where show_id = $1 and follower = $2 for update skip locked`,
      [showId, follower.name],
    );
    const [read] = rows;
    if (!read) return 'busy';
    const page = await client.query<{ last: number | null; count: number; changes: FollowedChange[] }>(
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
      [showId, read.seq, entriesMax, follower.types],
    );
    const { last = null, count = 0, changes = [] } = page.rows[0] ?? {};
    if (last === null) return 'end';
    if (changes.length > 0) await follower.take(client, showId, changes);
    await client.query('update log_follower set seq = $3 where show_id = $1 and follower = $2', [
      showId,
      follower.name,
      last,
    ]);
    return count === entriesMax ? 'more' : 'end';
  }
}
