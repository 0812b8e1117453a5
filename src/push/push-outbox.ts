import { Inject, Injectable } from '@nestjs/common';
import type { PushPayload, PushSubscription } from '@usher/contract';
import type { Pool } from 'pg';
import { claimStatement } from '../database/claim.js';
import { PG_POOL } from '../database/pg-pool.js';

/** Where to push to, and what to encrypt for. */
export type Subscription = Readonly<Pick<PushSubscription, 'endpoint' | 'keys'>>;

/** A message that this node may try to push until its claim ends. */
export interface ClaimedMessage {
  readonly showId: number;
  readonly messageId: string;
  readonly type: PushPayload['type'];
  readonly bookingId: string | null;
  /** When it is of no use any more: ms since 1970, and how far off that was at the claim. Null: always of use. */
  readonly expiresAt: number | null;
  readonly msLeft: number | null;
  /** Counts the one that the claim is for. */
  readonly attempts: number;
  /** Null when the session has taken it back. */
  readonly subscription: Subscription | null;
}

/** How long an answer of the database is waited for. */
const answerMsMax = 5000;

const bounded = <T extends object>(statement: T) => ({ ...statement, query_timeout: answerMsMax });

const claimMessages = claimStatement({
  table: 'push_message',
  keys: ['show_id', 'message_id'],
  columns: `t.show_id as "showId", t.message_id as "messageId", t.type, t.booking_id as "bookingId", t.attempts,
    (extract(epoch from t.expires_at) * 1000)::float8 as "expiresAt",
    (extract(epoch from t.expires_at - now()) * 1000)::float8 as "msLeft",
    (select jsonb_build_object('endpoint', s.endpoint, 'keys', jsonb_build_object('p256dh', s.p256dh, 'auth', s.auth))
     from push_subscription s where s.session_id = t.session_id and s.endpoint_hash = t.endpoint_hash) as subscription`,
});

/**
 * What is still to be pushed. The lane writes it in the transaction of the event; any node sends it.
 */
@Injectable()
export class PushOutbox {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Claims messages that are due, the longest due first. No two nodes hold the same one. @param claimMs how long */
  async claim(limit: number, claimMs: number): Promise<ClaimedMessage[]> {
    const { rows } = await this.pool.query<ClaimedMessage>(bounded({ ...claimMessages, values: [limit, claimMs] }));
    return rows;
  }

  /** It arrived, or never will. */
  async remove({ showId, messageId }: ClaimedMessage): Promise<void> {
    await this.pool.query(
      bounded({
        name: 'push-remove',
        text: 'delete from push_message where show_id = $1 and message_id = $2',
        values: [showId, messageId],
      }),
    );
  }

  /** Gives the claim up: the next attempt is due in so many ms. A claim that another node has taken over stays. */
  async retry({ showId, messageId, attempts }: ClaimedMessage, delayMs: number): Promise<void> {
    await this.pool.query(
      bounded({
        name: 'push-retry',
        text: `update push_message set due_at = now() + $4 * interval '1 ms'
        where show_id = $1 and message_id = $2 and attempts = $3`,
        values: [showId, messageId, attempts, delayMs],
      }),
    );
  }

  /** Forgets a message's subscription, which is dead, and all that is still to be pushed to it. */
  async removeSubscriptionOf({ showId, messageId }: ClaimedMessage): Promise<void> {
    await this.pool.query(
      `with dead as (
         delete from push_subscription s using push_message m
         where m.show_id = $1 and m.message_id = $2
           and s.session_id = m.session_id and s.endpoint_hash = m.endpoint_hash
         returning s.session_id, s.endpoint_hash
       )
       delete from push_message m using dead
       where m.session_id = dead.session_id and m.endpoint_hash = dead.endpoint_hash`,
      [showId, messageId],
    );
  }
}
