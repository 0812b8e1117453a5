import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { PushSubscription } from '@usher/contract';
import type { Pool } from 'pg';
import webPush from 'web-push';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { CONFIG, type Config } from '../config/config.js';
import { PG_POOL } from '../database/pg-pool.js';
import { isPrivateLiteral } from '../common/public-hosts.js';

/** Browsers that one session may have pushed to at once; a further one takes the place of the oldest. */
const subscriptionsMax = 10;

/** As long as a session's token is good. Who comes back with a new session subscribes with that one. */
const subscriptionDays = 30;

/** The name under which a session's subscription is stored. @param endpoint in the one way that a URL is written */
const hashOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex');

/** The browsers that sessions want their offers and admissions pushed to. */
@Injectable()
export class PushSubscriptions {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Keeps a browser's subscription; one that is there already gets the keys that were given now.
   *
   * @throws DomainError `INVALID_REQUEST` for an endpoint that is not to be called or keys that nothing can be encrypted for
   */
  async add(sessionId: string, { endpoint, keys }: PushSubscription): Promise<void> {
    const { href } = this.callable(endpoint);
    assertEncrypts(keys);
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

  /** Forgets a session's subscription and what is still to be pushed to it; that of another session is left alone. */
  async remove(sessionId: string, endpoint: string): Promise<void> {
    await this.pool.query(
      // The subscription before its messages, as where a dead one is removed: the other way round the two could deadlock.
      `with removed as (
         delete from push_subscription where session_id = $1 and endpoint_hash = $2 returning session_id, endpoint_hash
       )
       delete from push_message m using removed
       where m.session_id = removed.session_id and m.endpoint_hash = removed.endpoint_hash`,
      [sessionId, hashOf(new URL(endpoint).href)],
    );
  }

  /** Forgets the subscriptions of sessions that are no longer any good. */
  async removeOld(): Promise<void> {
    await this.pool.query(`delete from push_subscription where made_at < now() - $1 * interval '1 day'`, [
      subscriptionDays,
    ]);
  }

  private callable(endpoint: string): URL {
    const url = new URL(endpoint);
    const refuse = (message: string) => createInvalidRequestError([{ path: ['endpoint'], message }]);
    if (url.username !== '' || url.password !== '') throw refuse('must carry no name and password');
    if (!this.config.canPushToPrivateHosts && isPrivateLiteral(url)) throw refuse('must be on the public internet');
    return url;
  }
}

/** Encrypts for the keys once, so that the browser hears at once what a push would fail for. */
function assertEncrypts({ p256dh, auth }: PushSubscription['keys']): void {
  try {
    webPush.encrypt(p256dh, auth, 'test', 'aes128gcm');
  } catch {
    const message = 'must be a P-256 public key of 65 bytes and a secret of 16 bytes or more, base64url';
    throw createInvalidRequestError([{ path: ['keys'], message }]);
  }
}
