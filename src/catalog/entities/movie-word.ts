import { defineEntity, p } from '@mikro-orm/core';
import { Movie } from './movie.js';

const MovieWordSchema = defineEntity({
  name: 'MovieWord',
  tableName: 'movie_word',
  comment:
    'Words of titles, people and genres, to correct misspelt searches; only a trigger of the table movie writes it',
  indexes: [
    {
      name: 'movie_word_like',
      expression: 'create index movie_word_like on movie_word using gin (word gin_trgm_ops)',
    },
  ],
  properties: {
    movie: () => p.manyToOne(Movie).primary().name('movie_id').index(false).deleteRule('cascade').updateRule('cascade'),
    word: p.text().primary().name('word'),
  },
});

/** A word that occurs in a movie, for the correction of misspelt keywords. */
export class MovieWord extends MovieWordSchema.class {}
MovieWordSchema.setClass(MovieWord);
