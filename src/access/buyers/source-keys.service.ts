import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../../common/poller.js';
import { DatabaseSecrets } from '../../database/database-secrets.js';
import { PG_POOL } from '../../database/pg-pool.js';

/** Interval of the checks whether a new day has begun. A new key can be late by up to this time. */
const checkIntervalMs = 10_000;

/** The names of the keys in `kept_secret` begin with this text and end with the day in UTC. */
const namePrefix = 'source-key-';

/**
 * Keeps the key with which network addresses become sources. All nodes use the same key. Each day has a new key, and the
 * key of the day before is deleted. After that, nobody can tell which address a stored source came from.
 */
@Injectable()
export class SourceKeys implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(SourceKeys.name);
  private today: { readonly name: string; readonly key: string } | null = null;
  private readonly poller = Poller.every(
    checkIntervalMs,
    () => this.renew(),
    (error) => this.logger.error({ err: error }, 'could not renew the key of sources; keeping the last key'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly secrets: DatabaseSecrets,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.renew();
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.poller.stop();
  }

  /** The key of today, in base64url. */
  get current(): string {
    if (!this.today) throw new Error('the key of sources is read before the module has started');
    return this.today.key;
  }

  private async renew(): Promise<void> {
    const { rows } = await this.pool.query<{ day: string }>(
      "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as day",
    );
    const name = `${namePrefix}${rows[0]?.day}`;
    if (this.today?.name === name) return;
    const key = await this.secrets.get(name, () => randomBytes(32).toString('base64url'));
    this.today = { name, key };
    await this.secrets.deleteOlder(namePrefix, name);
  }
}
