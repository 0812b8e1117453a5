import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { PushSubscription } from '@usher/contract';
import type { Pool } from 'pg';
import webPush from 'web-push';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { CONFIG, type Config } from '../config/config.js';
import { PG_POOL } from '../database/pg-pool.js';
import { isPrivateLiteral } from '../common/public-hosts.js';
import type { ClaimedMessage } from './push-client.js';

/** Maximum number of subscriptions per session. A further subscription replaces the oldest. */
const subscriptionsMax = 10;

/** Number of rows that one statement deletes. */
const deletedRowsMax = 1000;

/**
 * Returns the key of a subscription within its session.
 *
 * @param endpoint a URL in the form in which the URL parser writes it
 */
const hashOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex');

/**
 * Stores the push subscriptions of sessions. Each subscription names a browser that gets the session's offers and
 * admissions.
 */
@Injectable()
export class PushSubscriptions {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Stores a browser's subscription. If the subscription already exists, its keys are replaced.
   *
   * @throws DomainError `INVALID_REQUEST` if the endpoint must not be called, or if the keys cannot encrypt a message
   */
  async add(sessionId: string, { endpoint, keys }: PushSubscription): Promise<void> {
    const { href } = this.parseEndpoint(endpoint);
    checkKeys(keys);
    await this.pool.query(
      `with added as (
         insert into push_subscription (session_id, endpoint_hash, endpoint, p256dh, auth) values ($1, $2, $3, $4, $5)
         on conflict (session_id, endpoint_hash)
         do update set p256dh = excluded.p256dh, auth = excluded.auth, made_at = now()
       )
       delete from push_subscription where session_id = $1 and endpoint_hash in (
         select endpoint_hash from push_subscription where session_id = $1 and endpoint_hash <> $2
         order by made_at desc offset $6
       )`,
      [sessionId, hashOf(href), href, keys.p256dh, keys.auth, subscriptionsMax - 1],
    );
  }

  /**
   * Deletes a session's subscription and its pending messages. Other sessions keep their subscriptions to the same
   * endpoint.
   */
  async remove(sessionId: string, endpoint: string): Promise<void> {
    await this.pool.query(
      // This statement and that of `deleteDead` lock the subscription before its messages, so that they cannot
      // deadlock.
      `with removed as (
         delete from push_subscription where session_id = $1 and endpoint_hash = $2 returning session_id, endpoint_hash
       )
       delete from push_message m using removed
       where m.session_id = removed.session_id and m.endpoint_hash = removed.endpoint_hash`,
      [sessionId, hashOf(new URL(endpoint).href)],
    );
  }

  /** Deletes the dead subscription of a message, and all pending messages for it. */
  async deleteDead({ showId, messageId }: Pick<ClaimedMessage, 'showId' | 'messageId'>): Promise<void> {
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

  /** Deletes the subscriptions whose retention period has ended, and their messages. */
  async deleteOld(): Promise<void> {
    for (;;) {
      const { rowCount } = await this.pool.query(
        `with old as (
           delete from push_subscription where ctid = any (array(
             select ctid from push_subscription where made_at < now() - $1 * interval '1 day' limit $2))
           returning session_id, endpoint_hash
         ), messages as (
           delete from push_message m using old
           where m.session_id = old.session_id and m.endpoint_hash = old.endpoint_hash
         )
         select from old`,
        [this.config.pushRetentionDays, deletedRowsMax],
      );
      if ((rowCount ?? 0) < deletedRowsMax) return;
    }
  }

  private parseEndpoint(endpoint: string): URL {
    const url = new URL(endpoint);
    const refuse = (message: string) => createInvalidRequestError([{ path: ['endpoint'], message }]);
    if (url.username !== '' || url.password !== '') throw refuse('must not contain a user name or password');
    if (!this.config.canPushToPrivateHosts && isPrivateLiteral(url)) throw refuse('must have a public host');
    return url;
  }
}

/** Checks keys by encrypting a test message. So the browser learns at once if its keys would make every push fail. */
function checkKeys({ p256dh, auth }: PushSubscription['keys']): void {
  try {
    webPush.encrypt(p256dh, auth, 'test', 'aes128gcm');
  } catch {
    const message = 'must be a P-256 public key of 65 bytes and a secret of 16 bytes or more, base64url';
    throw createInvalidRequestError([{ path: ['keys'], message }]);
  }
}
