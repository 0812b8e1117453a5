import { Inject, Injectable } from '@nestjs/common';
import type { Page, RiskCase, RiskCasesQuery, RiskSource, SessionDataRiskCase } from '@usher/contract';
import type { Pool } from 'pg';
import { type KeyScope, scopeCondition } from '../../access/index.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso } from '../../database/sql-time.js';

/** A case that is not in the table yet. */
export type NewRiskCase = Omit<RiskCase, 'at'>;

type Row = Omit<RiskCase, 'at'> & { readonly at: number };

/** A source, the number of its sessions with cases, and the highest score of these cases. */
export type SourceOfCases = Readonly<Pick<RiskSource, 'source' | 'sessions' | 'score'>>;

/** Cases are deleted a little before they are a day old, because the poller that deletes them runs every few minutes. */
const lifeMinutes = 24 * 60 - 10;

/** Number of rows that one statement deletes. */
const deletedRowsMax = 5000;

/** Maximum number of sources that one call of staff reads. */
const sourcesMax = 20_000;

const isYoung = `at > now() - interval '${lifeMinutes} minutes'`;
const columns = `case_id as "caseId", ${toEpochMs('at')} as at, show_id as "showId", session_id as "sessionId", source,
  call, action, score, reasons`;

/** Reads and writes the table of risk cases. */
@Injectable()
export class RiskCaseRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async insert(cases: readonly NewRiskCase[]): Promise<void> {
    await this.pool.query(
      `insert into risk_case (show_id, case_id, session_id, source, call, action, score, reasons)
       select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::jsonb[])
       on conflict (show_id, case_id) do nothing`,
      [
        cases.map(({ showId }) => showId),
        cases.map(({ caseId }) => caseId),
        cases.map(({ sessionId }) => sessionId),
        cases.map(({ source }) => source),
        cases.map(({ call }) => call),
        cases.map(({ action }) => action),
        cases.map(({ score }) => score),
        cases.map(({ reasons }) => JSON.stringify(reasons)),
      ],
    );
  }

  /** Returns one page of the cases in the scope of a key, newest first. @param after the last case of the page before */
  async list(
    { showId, minScore, action, limit }: RiskCasesQuery,
    scope: KeyScope,
    after: string | null,
  ): Promise<Page<RiskCase>> {
    const { rows } = await this.pool.query<Row>(
      `select ${columns} from risk_case
       where ${isYoung} and ($1::bigint is null or show_id = $1) and score >= $2 and ($3::text is null or action = $3)
         and ($4::uuid is null or case_id < $4)
         and ${scopeCondition('risk_case.show_id', { showId: '$5::int', cinemaIds: '$6::int[]' })}
       order by case_id desc limit $7`,
      [showId ?? null, minScore ?? 0, action ?? null, after, scope.showId, scope.cinemaIds, limit + 1],
    );
    const items = rows.slice(0, limit).map(toCase);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.caseId ?? null) : null };
  }

  /** Returns the sources that have cases in a show, with the highest scores first. */
  async sourcesOf(showId: number): Promise<SourceOfCases[]> {
    const { rows } = await this.pool.query<SourceOfCases>(
      `select source, count(distinct session_id)::int as sessions, max(score)::int as score from risk_case
       where ${isYoung} and show_id = $1 group by source order by max(score) desc limit $2`,
      [showId, sourcesMax],
    );
    return rows;
  }

  /** Deletes the cases of a session. */
  async erase(sessionId: string): Promise<void> {
    await this.pool.query('delete from risk_case where session_id = $1', [sessionId]);
  }

  /** Returns the cases of a session, newest first. */
  async exportCases(sessionId: string, limit: number): Promise<SessionDataRiskCase[]> {
    const { rows } = await this.pool.query<Row>(
      `select ${columns} from risk_case where session_id = $1 order by case_id desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(toCase).map(({ sessionId: _, ...row }) => row);
  }

  /** Deletes the cases that are almost a day old. */
  async deleteOld(): Promise<void> {
    for (;;) {
      const { rowCount } = await this.pool.query(
        `delete from risk_case where ctid = any (array(select ctid from risk_case where not (${isYoung}) limit $1))`,
        [deletedRowsMax],
      );
      if ((rowCount ?? 0) < deletedRowsMax) return;
    }
  }
}

const toCase = ({ at, ...row }: Row): RiskCase => ({ ...row, at: toIso(at) });
