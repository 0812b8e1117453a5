import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DatabaseClock } from '../../database/database-clock.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { LastUses } from './last-uses.js';

/** Writes when each API key was last used. The key of the settings has no row, so it is not recorded. */
@Injectable()
export class KeyUses extends LastUses {
  constructor(@Inject(PG_POOL) pool: Pool, clock: DatabaseClock) {
    super(pool, clock, { name: 'api_key', idColumn: 'key_id', subject: 'API keys' });
  }
}
