import { defineEntity, p } from '@mikro-orm/core';
import { Movie } from './movie.js';

const MovieTallySchema = defineEntity({
  name: 'MovieTally',
  tableName: 'movie_tally',
  comment: 'Coming shows of each movie, their cinemas and its popularity, counted every few minutes',
  indexes: [
    {
      name: 'movie_tally_by_score',
      expression: 'create index movie_tally_by_score on movie_tally (score desc, movie_id)',
    },
    {
      name: 'movie_tally_by_score_before',
      expression: 'create index movie_tally_by_score_before on movie_tally (score_before desc, movie_id)',
    },
  ],
  properties: {
    movie: () => p.oneToOne(Movie).primary().name('movie_id').deleteRule('cascade').updateRule('cascade'),
    shows: p.integer().default(0).name('shows'),
    cinemas: p.integer().default(0).name('cinemas'),
    score: p
      .integer()
      .default(0)
      .name('score')
      .comment('popularity: number of taken seats of the coming shows plus number of coming shows'),
    scoreBefore: p
      .integer()
      .default(0)
      .name('score_before')
      .comment('the score before the last count, for searches whose first page was read before the count'),
    /** The id of a PostgreSQL transaction (`xid8`). */
    scoredIn: p
      .string()
      .columnType('xid8')
      .nullable()
      .name('scored_in')
      .comment('the transaction of the last count; null if the movie was never counted'),
    scoredAt: p.datetime(3).nullable().name('scored_at'),
  },
});

/** The counts that `MovieTallyService` computes for a movie. A trigger on `movie` inserts the row. */
export class MovieTally extends MovieTallySchema.class {}
MovieTallySchema.setClass(MovieTally);
