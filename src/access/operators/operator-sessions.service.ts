import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { OperatorEnded, Role } from '@usher/contract';
import type { Pool } from 'pg';
import { createId } from '../../common/ids.js';
import { Poller } from '../../common/poller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { Person } from './operator-claims.js';
import { digestOfToken, OperatorTokens } from './operator-tokens.service.js';

/** A sign-in of an operator that has not ended. */
export interface OperatorSession {
  readonly operatorSessionId: string;
  readonly personId: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly cinemaIds: readonly number[] | null;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

/** Whether a sign-in is still valid. */
export interface OperatorState {
  readonly digest: string;
  /** Why the sign-in is not valid; null if it is valid. */
  readonly ended: OperatorEnded['reason'] | null;
  /** Time until the sign-in ends, if the operator neither uses it nor signs out before. */
  readonly endsInMs: number | null;
}

const sweepIntervalMs = 10 * 60 * 1000;

/** When a sign-in ends. @param idleMs the SQL of `operatorIdleMs` */
const endsAt = (table: string, idleMs: string): string =>
  `least(${table}.expires_at, ${table}.last_used_at + ${idleMs}::float8 * interval '1 ms')`;

/** `$1` digest of the token, `$2` idle time in ms. */
const findSession = {
  name: 'operator-session',
  text: `select o.operator_session_id as "operatorSessionId", o.person_id as "personId", o.name, o.email, o.roles,
      o.cinema_ids as "cinemaIds", ${toEpochMs('o.expires_at')} as "expiresAt"
    from operator_session o where o.hash = $1 and ${endsAt('o', '$2')} > now()`,
};

/** `$1` digests of tokens, `$2` idle time in ms. A sign-out deletes the row. */
const findStates = {
  name: 'operator-session-states',
  text: `select d.digest,
      case when o.hash is null then 'signedOut' when ${endsAt('o', '$2')} <= now() then 'expired' end as ended,
      ${toEpochMs(`${endsAt('o', '$2')} - now()`)} as "endsInMs"
    from unnest($1::char(64)[]) as d (digest) left join operator_session o on o.hash = d.digest`,
};

/** `$1` id, `$2` digest, `$3` person, `$4` name, `$5` mail address, `$6` roles, `$7` cinemas, `$8` lifetime in ms. */
const insertSession = `insert into operator_session
    (operator_session_id, hash, person_id, name, email, roles, cinema_ids, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, now() + $8::float8 * interval '1 ms')`;

/**
 * The sign-ins of operators. The table is read for each call, so every node refuses a sign-in as soon as it has ended.
 * Rows of ended sign-ins are deleted, because they name people.
 */
@Injectable()
export class OperatorSessions implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OperatorSessions.name);
  private readonly sweeps = Poller.every(
    sweepIntervalMs,
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'could not delete ended sign-ins; retrying in 10 min'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: OperatorTokens,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  /** Starts a sign-in. Returns the token for the cookie, which is stored nowhere. */
  async start({ personId, name, email, roles, cinemaIds }: Person): Promise<string> {
    const token = this.tokens.create();
    const digest = digestOfToken(token);
    const lifeMs = this.config.operatorSessionMs;
    await this.pool.query(insertSession, [createId(), digest, personId, name, email, roles, cinemaIds, lifeMs]);
    return token;
  }

  /** Returns the sign-in of a token, or null if it has ended or never existed. */
  async find(token: string): Promise<OperatorSession | null> {
    // A guess must not cost a query.
    if (!this.tokens.isGenuine(token)) return null;
    const { rows } = await this.pool.query<OperatorSession>({
      ...findSession,
      values: [digestOfToken(token), this.config.operatorIdleMs],
    });
    return rows[0] ?? null;
  }

  /** Ends a sign-in. Returns its id, or null if it had already ended. */
  async end(token: string): Promise<string | null> {
    return this.tokens.isGenuine(token) ? this.endByDigest(digestOfToken(token)) : null;
  }

  /** Like {@link end}. @param digest the `digestOfToken` of the token */
  async endByDigest(digest: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ id: string }>(
      'delete from operator_session where hash = $1 returning operator_session_id as id',
      [digest],
    );
    return rows[0]?.id ?? null;
  }

  /** Returns whether sign-ins are still valid. @param digests the `digestOfToken` of their tokens */
  async statesOf(digests: readonly string[]): Promise<OperatorState[]> {
    const { rows } = await this.pool.query<OperatorState>({
      ...findStates,
      values: [digests, this.config.operatorIdleMs],
    });
    return rows;
  }

  /** Deletes sign-ins a minute after their end. Until then, their sockets learn that they expired. */
  private async sweep(): Promise<void> {
    await this.pool.query(`delete from operator_session o where ${endsAt('o', '$1')} < now() - interval '1 minute'`, [
      this.config.operatorIdleMs,
    ]);
  }
}
