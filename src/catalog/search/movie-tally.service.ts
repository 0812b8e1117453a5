import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../../common/poller.js';
import { PG_POOL } from '../../database/pg-pool.js';

/** How often movies are counted, by whichever node comes first. A search's pages are exact for as long at least. */
const everyMs = 5 * 60_000;

/** How soon a catalog without any coming show is looked at again. */
const emptyMs = 10_000;

/** Any number that nothing else in the database locks: ASCII "tall". */
const tallyLock = 0x74616c6c;

/**
 * Counts each movie's coming shows, their cinemas, and how popular it is. 300,000 shows take some 200 ms, so it is not
 * done for each search: popularity is a few minutes old by design, and so are the counts of movies with over a thousand
 * shows.
 */
@Injectable()
export class MovieTallyService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MovieTallyService.name);
  private readonly counts = new Poller(
    async () => ((await this.count(everyMs)) ? everyMs : emptyMs),
    (error) => this.logger.error({ err: error }, 'the coming shows of movies could not be counted'),
    everyMs,
  );

  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  onApplicationBootstrap(): void {
    this.counts.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.counts.stop();
  }

  /**
   * Counts, unless it was done less than `ageMs` ago. All rows change in one transaction, so that a page of a search
   * takes all scores from before it or from after it.
   *
   * @returns whether there are coming shows
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
