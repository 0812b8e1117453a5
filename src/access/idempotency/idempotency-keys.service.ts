import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createErrorBody, type SessionDataKey } from '@usher/contract';
import type { Pool } from 'pg';
import { DomainError, toDomainError } from '../../common/domain-error.js';
import { Poller } from '../../common/poller.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso } from '../../database/sql-time.js';
import { SESSION_KEYS, type SessionKeys } from '../sessions/session-keys.js';
import { AnswerCipher } from './answer-cipher.js';
import { decrypted, type KeyedCall, nameOf } from './once.js';

/** The stored answer of a call. */
export interface KeyedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The result of a claim: the stored answer, or the permission for this attempt to answer the call. */
export type ClaimResult =
  | { readonly type: 'answered'; readonly answer: KeyedAnswer }
  | { readonly type: 'claimed'; readonly claim: string; readonly isTakenOver: boolean };

interface Row {
  readonly requestHash: string;
  readonly answer: string | null;
  readonly claim: string;
  /** True if this attempt has the claim, so it may run the handler. */
  readonly isMine: boolean;
  readonly isNew: boolean;
}

/**
 * Lease of a claim. No handler runs this long. When the lease ends, the node that has the claim counts as dead, and
 * another attempt may run.
 */
const claimMs = 30_000;

/** Longest time that a call waits for a running attempt. */
const waitMsMax = 10_000;
/** Pause between two polls of a waiting call. */
const pollIntervalMs = 50;

const keyDays = 1;
const sweepIntervalMs = 60 * 60 * 1000;
const sweepRowsMax = 1000;

/** Stores the idempotency keys of calls that no lane handles: one row per caller and key. */
@Injectable()
export class IdempotencyKeys implements OnApplicationBootstrap, OnModuleDestroy {
  readonly cipher: AnswerCipher;
  private readonly logger = new Logger(IdempotencyKeys.name);
  private readonly sweeps = new Poller(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'could not delete old idempotency keys; retrying in an hour'),
    sweepIntervalMs,
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(SESSION_KEYS) sessionKeys: SessionKeys,
  ) {
    this.cipher = new AnswerCipher(sessionKeys);
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  /**
   * Claims a call for this attempt, or returns the stored answer. Waits as long as another attempt is running.
   *
   * @throws DomainError `KEY_REUSED`, `BUSY`
   */
  async claim(call: KeyedCall): Promise<ClaimResult> {
    const deadline = performance.now() + waitMsMax;
    for (;;) {
      const row = await this.row(call);
      if (row.requestHash !== call.requestHash) throw toDomainError(keyReused);
      if (row.answer !== null) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `storeAnswer` writes this value
        const answer = decrypted(this.cipher, row.answer, nameOf(call)) as KeyedAnswer;
        return { type: 'answered', answer };
      }
      if (row.isMine) return { type: 'claimed', claim: row.claim, isTakenOver: !row.isNew };
      if (performance.now() > deadline) throw stillRunning();
      await delay(pollIntervalMs);
    }
  }

  /** Stores the answer of a call. From then on, a repeated call with the same key gets this answer. */
  async storeAnswer(call: KeyedCall, claim: string, answer: KeyedAnswer): Promise<void> {
    await this.pool.query('update idempotency_key set answer = $4 where caller = $1 and key = $2 and claim = $3', [
      call.caller,
      call.key,
      claim,
      this.cipher.encrypt(answer, nameOf(call)),
    ]);
  }

  /**
   * Frees the key of a refused call. If the call had an effect, the key is kept, and the next attempt returns the
   * result of that effect.
   */
  async release({ caller, key }: KeyedCall, claim: string): Promise<void> {
    await this.pool.query(
      `with released as (
         delete from idempotency_key where caller = $1 and key = $2 and claim = $3 and effect is null
       )
       update idempotency_key set claimed_until = now()
       where caller = $1 and key = $2 and claim = $3 and effect is not null`,
      [caller, key, claim],
    );
  }

  /** Deletes the keys of a session, and of the links to its bookings, with the stored answers. */
  async erase(sessionId: string, bookingIds: readonly string[]): Promise<void> {
    await this.pool.query('delete from idempotency_key where right(caller, 36) = any ($1::text[])', [
      [sessionId, ...bookingIds],
    ]);
  }

  /** Returns the keys of a session and of the links to its bookings, newest first. */
  async export(sessionId: string, bookingIds: readonly string[], limit: number): Promise<SessionDataKey[]> {
    const { rows } = await this.pool.query<{ key: string; at: number }>(
      `select key, ${toEpochMs('created_at')} as at from idempotency_key
       where right(caller, 36) = any ($1::text[]) order by created_at desc limit $2`,
      [[sessionId, ...bookingIds], limit],
    );
    return rows.map(({ key, at }) => ({ key, call: 'other', showId: null, createdAt: toIso(at) }));
  }

  private async row({ caller, key, requestHash }: KeyedCall): Promise<Row> {
    const claim = randomUUID();
    // This is a single statement, so that only one of several simultaneous attempts gets the claim. A key that is older
    // than a day counts as new.
    const { rows } = await this.pool.query<Row>({
      name: 'idempotency-claim',
      text: `with mine as (
          insert into idempotency_key as k (caller, key, request_hash, claim, claimed_until)
          values ($1, $2, $3, $4, now() + $5 * interval '1 ms')
          on conflict (caller, key) do update set claim = excluded.claim, claimed_until = excluded.claimed_until,
            request_hash = excluded.request_hash, created_at = case when ${isOld} then now() else k.created_at end,
            effect = case when ${isOld} then null else k.effect end,
            answer = null
          where ${isOld} or k.answer is null and k.claimed_until <= now() and k.request_hash = excluded.request_hash
          returning request_hash, answer, claim, created_at = now()::timestamptz(3) as is_new
        )
        select request_hash as "requestHash", answer, claim, true as "isMine", is_new as "isNew" from mine
        union all
        select request_hash, answer, claim, false, false from idempotency_key
        where caller = $1 and key = $2 and not exists (select from mine)`,
      values: [caller, key, requestHash, claim, claimMs],
    });
    // If there is no row, another attempt inserted it after the statement took its snapshot.
    return rows[0] ?? { requestHash, answer: null, claim, isMine: false, isNew: false };
  }

  private async sweep(): Promise<number> {
    for (;;) {
      const { rowCount } = await this.pool.query(
        `delete from idempotency_key where (caller, key) in (
           select caller, key from idempotency_key where created_at < now() - $1 * interval '1 day' limit $2)`,
        [keyDays, sweepRowsMax],
      );
      if ((rowCount ?? 0) < sweepRowsMax) return sweepIntervalMs;
    }
  }
}

const isOld = `k.created_at < now() - interval '${keyDays} day'`;

const keyReused = createErrorBody('KEY_REUSED', 'This idempotency key was used before with a different request.', {});

const stillRunning = (): DomainError<'BUSY'> =>
  new DomainError('BUSY', 'Another call with this idempotency key is still running. A retry is safe.', {
    retryAfterMs: 500,
  });
