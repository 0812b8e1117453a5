import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DatabaseClock } from '../../database/database-clock.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { LastUses } from '../api-keys/last-uses.js';

/** Writes when each sign-in of an operator was last used, so that an unused one can end. */
@Injectable()
export class OperatorUses extends LastUses {
  constructor(@Inject(PG_POOL) pool: Pool, clock: DatabaseClock) {
    super(pool, clock, { name: 'operator_session', idColumn: 'operator_session_id', subject: 'sign-ins' });
  }
}
