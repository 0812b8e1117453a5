import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';

/** One use of an access code by a session. */
export interface CodeUse {
  readonly sessionId: string;
  readonly seats: number;
  /** When the use ends, in ms since 1970; null if it does not end. */
  readonly until: number | null;
}

/** The state of one code, as it concerns one session. */
export interface CodeState {
  readonly isUsedBySession: boolean;
  readonly isRevoked: boolean;
  readonly isExpired: boolean;
  /** Null if the code is already valid. In ms since 1970. */
  readonly validFrom: number | null;
}

/** The uses of some sessions, and the revision of the show's batches when they were read. */
export interface CodeUses {
  readonly revision: number;
  readonly uses: readonly CodeUse[];
}

/** SQL for the revision of all batches of the show `$1`. Batches are never deleted, so it never falls. */
const revisionOfShow = `select coalesce(sum(revision), 0)::int as revision from access_code_batch where show_id = $1`;

/**
 * `$1` show, `$2` digest, `$3` session. The update locks the row of the code. A statement that waited for this lock checks
 * `uses` again, so the uses never exceed the maximum. If the session has already used the code, the insert fails, and
 * with it the update.
 */
export const redeemStatement = {
  name: 'access-code-redeem',
  text: `with code as (
      update access_code c set uses = c.uses + 1 from access_code_batch b
      where c.show_id = $1 and c.digest = $2 and b.show_id = c.show_id and b.batch_id = c.batch_id
        and c.uses < b.uses_per_code and b.revoked_at is null
        and (b.valid_from is null or b.valid_from <= now()) and (b.valid_until is null or b.valid_until > now())
      returning c.batch_id, b.seats_per_use
    )
    insert into access_code_use (show_id, session_id, digest, batch_id, seats)
    select $1, $3, $2, batch_id, seats_per_use from code`,
};

/** `$1` show, `$2` digest, `$3` session. */
const readState = {
  name: 'access-code-state',
  text: `select b.revoked_at is not null as "isRevoked", coalesce(b.valid_until <= now(), false) as "isExpired",
      case when b.valid_from > now() then ${toEpochMs('b.valid_from')} end as "validFrom",
      exists (select from access_code_use u where u.show_id = $1 and u.session_id = $3 and u.digest = $2)
        as "isUsedBySession"
    from access_code c join access_code_batch b using (show_id, batch_id) where c.show_id = $1 and c.digest = $2`,
};

/** `$1` show, `$2` sessions. */
const readUses = {
  name: 'access-code-uses',
  text: `select r.revision, u.* from (${revisionOfShow}) r left join (
      select u.session_id as "sessionId", u.seats, ${toEpochMs('b.valid_until')} as until
      from access_code_use u join access_code_batch b using (show_id, batch_id)
      where u.show_id = $1 and u.session_id = any ($2::uuid[]) and b.revoked_at is null
    ) u on true`,
};

/** PostgreSQL's code for a row whose key already exists. */
const uniqueViolation = '23505';

/** SQL statements for the use of access codes. */
@Injectable()
export class AccessCodesRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Uses a code for a session. Returns false if the code cannot be used, or if the session has already used it. */
  async redeem(showId: number, digest: string, sessionId: string): Promise<boolean> {
    try {
      return (await this.pool.query({ ...redeemStatement, values: [showId, digest, sessionId] })).rowCount === 1;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === uniqueViolation) return false;
      throw error;
    }
  }

  /** Returns the state of a code of the show. Returns null if the show has no such code. */
  async state(showId: number, digest: string, sessionId: string): Promise<CodeState | null> {
    const { rows } = await this.pool.query<CodeState>({ ...readState, values: [showId, digest, sessionId] });
    return rows[0] ?? null;
  }

  /** Returns the uses of sessions, except those of revoked codes. */
  async uses(showId: number, sessionIds: readonly string[]): Promise<CodeUses> {
    const values = [showId, sessionIds];
    const { rows } = await this.pool.query<{ revision: number } & { [Field in keyof CodeUse]: CodeUse[Field] | null }>({
      ...readUses,
      values,
    });
    const uses = rows.flatMap(({ sessionId, seats, until }) =>
      sessionId === null || seats === null ? [] : [{ sessionId, seats, until }],
    );
    return { revision: rows[0]?.revision ?? 0, uses };
  }

  /** Returns a number that rises whenever uses of the show's codes end before their time. */
  async revision(showId: number): Promise<number> {
    const { rows } = await this.pool.query<{ revision: number }>({
      name: 'access-code-revision',
      text: revisionOfShow,
      values: [showId],
    });
    return rows[0]?.revision ?? 0;
  }
}
