import { type KeyObject, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createErrorBody } from '@usher/contract';
import type { Pool } from 'pg';
import { DomainError, refusal } from '../../common/domain-error.js';
import { Poller } from '../../common/poller.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { SESSION_KEY } from '../sessions/session-key.js';
import { AnswerCipher } from './answer-cipher.js';
import { decrypted, type KeyedCall, nameOf } from './once.js';

/** What a call was answered. */
export interface KeyedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What a key's row says to a call: it was answered, or this attempt is to answer it. */
export type Claimed =
  | { readonly type: 'answered'; readonly answer: KeyedAnswer }
  | { readonly type: 'claimed'; readonly claim: string; readonly isTakenOver: boolean };

interface Row {
  readonly requestHash: string;
  readonly answer: string | null;
  readonly claim: string;
  /** Whether this attempt may answer. */
  readonly isMine: boolean;
  readonly isNew: boolean;
}

/** Longer than a handler runs: after that its node is taken for dead, and another attempt begins. */
const claimMs = 30_000;

/** How long a call waits for the attempt that runs, and how often it looks. */
const waitMsMax = 10_000;
const pollIntervalMs = 50;

const keyDays = 1;
const sweepIntervalMs = 60 * 60 * 1000;
const sweepRowsMax = 1000;

/** The idempotency keys of calls outside the lanes: one row per caller and key. */
@Injectable()
export class IdempotencyKeys implements OnApplicationBootstrap, OnModuleDestroy {
  readonly cipher: AnswerCipher;
  private readonly logger = new Logger(IdempotencyKeys.name);
  private readonly sweeps = new Poller(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'old idempotency keys could not be deleted; retrying in an hour'),
    sweepIntervalMs,
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(SESSION_KEY) sessionKey: KeyObject,
  ) {
    this.cipher = new AnswerCipher(sessionKey);
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  /**
   * Claims a call, or answers it as before. Waits while another attempt runs.
   *
   * @throws DomainError `KEY_REUSED`, `BUSY`
   */
  async claim(call: KeyedCall): Promise<Claimed> {
    const deadline = performance.now() + waitMsMax;
    for (;;) {
      const row = await this.row(call);
      if (row.requestHash !== call.requestHash) throw refusal(keyReused);
      if (row.answer !== null) {
        // Written by `answered` alone.
        const answer = decrypted(this.cipher, row.answer, nameOf(call)) as KeyedAnswer;
        return { type: 'answered', answer };
      }
      if (row.isMine) return { type: 'claimed', claim: row.claim, isTakenOver: !row.isNew };
      if (performance.now() > deadline) throw stillRunning();
      await delay(pollIntervalMs);
    }
  }

  /** The call is answered: the same key gets the same answer from now on. */
  async answered(call: KeyedCall, claim: string, answer: KeyedAnswer): Promise<void> {
    await this.pool.query('update idempotency_key set answer = $4 where caller = $1 and key = $2 and claim = $3', [
      call.caller,
      call.key,
      claim,
      this.cipher.encrypt(answer, nameOf(call)),
    ]);
  }

  /** The call was refused: the key is free again, unless its effect is there, which the next attempt answers. */
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

  private async row({ caller, key, requestHash }: KeyedCall): Promise<Row> {
    const claim = randomUUID();
    // One statement, so that of attempts that come at once one gets the claim. A key that is a day old counts as new.
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
    // Another attempt's row that the statement's snapshot did not have yet.
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

const keyReused = createErrorBody('KEY_REUSED', 'This idempotency key came before with another request.', {});

const stillRunning = (): DomainError<'BUSY'> =>
  new DomainError('BUSY', 'A call with this idempotency key is still being answered; trying again is safe.', {
    retryAfterMs: 500,
  });
