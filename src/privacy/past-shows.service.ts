import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { SessionAccessCodes } from '../admission/index.js';
import { Poller } from '../common/poller.js';
import { CONFIG, type Config } from '../config/config.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import type { OutboxTable } from '../database/outbox/outbox-table.js';
import { PG_POOL } from '../database/pg-pool.js';
import { SessionPayments } from '../payments/index.js';
import { ShowAnonymizer } from '../shows/index.js';
import { SessionTickets } from '../tickets/index.js';

/** A past show that this node anonymizes. */
interface PastShow {
  readonly showId: number;
  readonly salt: string;
  readonly attempts: number;
}

const showTable: OutboxTable<PastShow> = {
  name: 'show_anonymization',
  key: { show_id: 'showId' },
  columns: 't.show_id as "showId", t.salt',
  isPending: 'salt is not null',
  // Without the salt, nobody can find out which session a pseudonym replaced.
  whenDone: { set: 'salt = null' },
  whenAbandoned: { set: 'salt = null' },
  resultColumn: null,
  canBeReplayed: false,
  receiver: null,
};

/** Longer than a node needs for the largest show. */
const leaseMs = 10 * 60_000;

const pollIntervalMs = 60 * 60_000;

/** Maximum number of shows that one statement selects. */
const showsPerStatement = 100;

/** Replaces the sessions of shows by pseudonyms when the retention period of their bookings has ended. */
@Injectable()
export class PastShows implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PastShows.name);
  private readonly selected: PostgresOutboxStore<PastShow>;
  private isStopping = false;
  private readonly poller = Poller.every(
    pollIntervalMs,
    () => this.anonymizeDue(),
    (error) => this.logger.error({ err: error }, 'could not anonymize a past show; retrying in 1 h'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
    private readonly shows: ShowAnonymizer,
    private readonly payments: SessionPayments,
    private readonly accessCodes: SessionAccessCodes,
    private readonly tickets: SessionTickets,
  ) {
    this.selected = new PostgresOutboxStore(pool, showTable);
  }

  onApplicationBootstrap(): void {
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.poller.stop();
  }

  private async anonymizeDue(): Promise<void> {
    while (!this.isStopping) {
      const [show] = await this.selected.claim(1, leaseMs, []);
      if (show) await this.anonymize(show);
      else if ((await this.select()) === 0) return;
    }
  }

  private async anonymize(show: PastShow): Promise<void> {
    await this.payments.anonymize(show.showId, show.salt);
    await this.accessCodes.eraseShow(show.showId);
    await this.tickets.anonymize(show.showId);
    await this.shows.anonymize(show.showId, show.salt);
    await this.selected.apply(show, { type: 'done', result: null });
  }

  /** Selects shows whose retention period has ended. @returns the number of newly selected shows */
  private async select(): Promise<number> {
    const { rows } = await this.pool.query<{ showId: number }>(
      `select l.show_id as "showId" from show_ledger l join show on show.id = l.show_id
       where show.ends_at < now() - $1 * interval '1 day'
         and not exists (select from show_anonymization a where a.show_id = l.show_id)
       limit $2`,
      [this.config.bookingRetentionDays, showsPerStatement],
    );
    const salts = rows.map(() => randomBytes(32).toString('hex'));
    const { rowCount } = await this.pool.query(
      `insert into show_anonymization (show_id, salt) select * from unnest($1::int[], $2::text[])
       on conflict (show_id) do nothing`,
      [rows.map(({ showId }) => showId), salts],
    );
    return rowCount ?? 0;
  }
}
