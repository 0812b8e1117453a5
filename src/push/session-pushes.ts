import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataPushMessage, SessionDataPushSubscription } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toEpochMs } from '../database/sql-time.js';

/** Reads and erases the push subscriptions of a session and the messages that wait for them. */
@Injectable()
export class SessionPushes {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Deletes the subscriptions and the messages. A message that a node is just sending may still arrive. */
  async erase(sessionId: string): Promise<void> {
    // The subscriptions come first, as in the other statements that delete both, so that they cannot deadlock.
    await this.pool.query('delete from push_subscription where session_id = $1', [sessionId]);
    await this.pool.query('delete from push_message where session_id = $1', [sessionId]);
  }

  /** Returns the session's subscriptions, newest first. */
  async exportSubscriptions(sessionId: string, limit: number): Promise<SessionDataPushSubscription[]> {
    const { rows } = await this.pool.query<{ endpoint: string; at: number }>(
      `select endpoint, ${toEpochMs('made_at')} as at from push_subscription where session_id = $1
       order by made_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ endpoint, at }) => ({ endpoint, createdAt: toIso(at) }));
  }

  /** Returns the messages that wait for the session's browsers, newest first. */
  async exportMessages(sessionId: string, limit: number): Promise<SessionDataPushMessage[]> {
    const { rows } = await this.pool.query<Omit<SessionDataPushMessage, 'createdAt'> & { at: number }>(
      `select show_id as "showId", type, booking_id as "bookingId", ${toEpochMs('made_at')} as at from push_message
       where session_id = $1 order by made_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ at, ...row }) => ({ ...row, createdAt: toIso(at) }));
  }
}
