import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { SessionDataChallenge } from '@usher/contract';
import type { Pool } from 'pg';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { Poller } from '../../common/poller.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso } from '../../database/sql-time.js';
import type { ChallengeSubject } from './challenge-provider.js';

/** How long a passed challenge counts. */
const passHours = 24;
const passMs = passHours * 60 * 60 * 1000;

/** Maximum number of passes that a node remembers, at about 150 bytes per pass. */
const knownPassesMax = 100_000;

/**
 * How long a node remembers a pass before it reads the table again. A pass can count longer than {@link passHours} by up
 * to this time.
 */
const knownPassMs = 10 * 60_000;

const sweepIntervalMs = 60 * 60 * 1000;
const sweepRowsMax = 1000;

const isPassed = {
  name: 'challenge-is-passed',
  text: `select 1 from challenge_pass
    where show_id = $1 and session_id = $2 and passed_at > now() - interval '${passHours} hours'`,
};

const nameOf = ({ showId, sessionId }: ChallengeSubject): string => `${sessionId} ${showId}`;

/** Remembers which sessions have passed the challenge of which show, in a table that all nodes read. */
@Injectable()
export class ChallengePasses implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ChallengePasses.name);
  /** Only passes are remembered, because a session may pass on another node at any time. */
  private readonly known = createBoundedCache<string, true>(knownPassesMax, knownPassMs);
  private readonly sweeps = Poller.every(
    sweepIntervalMs,
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'could not delete old challenge passes; retrying in an hour'),
  );

  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  /** Returns whether this node knows the pass, without reading the table. */
  isKnown(subject: ChallengeSubject): boolean {
    return this.known.has(nameOf(subject));
  }

  /** Returns true at once if this node knows the pass. Otherwise it reads the table. */
  has(subject: ChallengeSubject): boolean | Promise<boolean> {
    return this.isKnown(subject) || this.read(subject);
  }

  /** Stores a pass. @returns the time until which it counts, in ms since 1970 */
  async add(subject: ChallengeSubject): Promise<number> {
    const { rows } = await this.pool.query<{ at: number }>(
      `insert into challenge_pass (show_id, session_id) values ($1, $2)
       on conflict (show_id, session_id) do update set passed_at = now()
       returning ${toEpochMs('passed_at')} as at`,
      [subject.showId, subject.sessionId],
    );
    this.known.set(nameOf(subject), true);
    return rows[0]!.at + passMs;
  }

  /** Deletes the passes of a session. Other nodes forget them within ten minutes. */
  async erase(sessionId: string): Promise<void> {
    const { rows } = await this.pool.query<{ showId: number }>(
      'delete from challenge_pass where session_id = $1 returning show_id as "showId"',
      [sessionId],
    );
    for (const { showId } of rows) this.known.delete(nameOf({ showId, sessionId }));
  }

  /** Returns the passes of a session, newest first. */
  async export(sessionId: string, limit: number): Promise<SessionDataChallenge[]> {
    const { rows } = await this.pool.query<{ showId: number; at: number }>(
      `select show_id as "showId", ${toEpochMs('passed_at')} as at from challenge_pass where session_id = $1
       order by passed_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ showId, at }) => ({ showId, passedAt: toIso(at) }));
  }

  private async read(subject: ChallengeSubject): Promise<boolean> {
    const { rowCount } = await this.pool.query({ ...isPassed, values: [subject.showId, subject.sessionId] });
    if (rowCount === 0) return false;
    this.known.set(nameOf(subject), true);
    return true;
  }

  private async sweep(): Promise<void> {
    for (;;) {
      const { rowCount } = await this.pool.query(
        `delete from challenge_pass where (show_id, session_id) in (
           select show_id, session_id from challenge_pass
           where passed_at < now() - interval '${passHours} hours' limit $1)`,
        [sweepRowsMax],
      );
      if ((rowCount ?? 0) < sweepRowsMax) return;
    }
  }
}
