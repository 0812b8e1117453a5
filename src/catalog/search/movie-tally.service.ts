import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../../common/poller.js';
import { PG_POOL } from '../../database/pg-pool.js';

/**
 * Time between two counts, no matter which nodes count. For at least this long, all pages of one search are sorted by
 * the same scores.
 */
const countIntervalMs = 5 * 60_000;

/** Time until a catalog without upcoming shows is counted again. */
const emptyCatalogIntervalMs = 10_000;

/** Key of the advisory lock. No other code locks this key. The number is ASCII for "tall". */
const tallyLock = 0x74616c6c;

/**
 * Counts each movie's upcoming shows and their cinemas, and computes its popularity. A count of 300,000 shows takes
 * about 200 ms, so a search does not count all shows itself. Therefore popularity can be a few minutes old, and so can
 * the counts of movies with more than a thousand shows.
 */
@Injectable()
export class MovieTallyService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MovieTallyService.name);
  private readonly counts = new Poller(
    async () => ((await this.count(countIntervalMs)) ? countIntervalMs : emptyCatalogIntervalMs),
    (error) => this.logger.error({ err: error }, 'could not count the upcoming shows of movies; retrying'),
    countIntervalMs,
  );

  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  onApplicationBootstrap(): void {
    this.counts.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.counts.stop();
  }

  /**
   * Counts the shows of all movies, unless a node counted them less than `ageMs` ago. All rows change in one
   * transaction, so a page of a search uses either only old scores or only new scores.
   *
   * @returns true if there are upcoming shows
   */
  async count(ageMs = 0): Promise<boolean> {
    const { rows } = await this.pool.query<{ busy: boolean }>({
      name: 'movie-tally',
      text: `with turn as materialized (
          select where pg_try_advisory_xact_lock(${tallyLock}) and not exists (
            select from movie_tally where scored_at > now() - $1 * interval '1 ms')
        ), playing as (
          select show.movie_id, count(*)::int as shows, count(distinct show.cinema_id)::int as cinemas,
            coalesce(sum(show_ledger.held + show_ledger.sold), 0) as taken
          from turn cross join show left join show_ledger on show_ledger.show_id = show.id
          where show.starts_at >= now() and show.called_off_at is null
          group by show.movie_id
        ), tallied as (
          update movie_tally set shows = coalesce(playing.shows, 0), cinemas = coalesce(playing.cinemas, 0),
            score_before = old.score, scored_in = pg_current_xact_id(), scored_at = now(),
            score = least(coalesce(playing.shows + playing.taken, 0), 2147483647)::int
          from movie_tally old left join playing on playing.movie_id = old.movie_id
          where movie_tally.movie_id = old.movie_id and exists (select from turn)
          returning movie_tally.shows
        )
        select coalesce((select bool_or(shows > 0) from tallied), (select bool_or(shows > 0) from movie_tally), false)
          as busy`,
      values: [ageMs],
    });
    return rows[0]?.busy ?? false;
  }
}
