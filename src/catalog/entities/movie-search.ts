import { defineEntity, p } from '@mikro-orm/core';
import { Movie } from './movie.js';

const MovieSearchSchema = defineEntity({
  name: 'MovieSearch',
  tableName: 'movie_search',
  comment: 'Search index of movies; only a trigger of the table movie writes it',
  indexes: [
    {
      name: 'movie_search_terms',
      expression: 'create index movie_search_terms on movie_search using gin (terms)',
    },
    {
      name: 'movie_search_by_title',
      expression:
        'create index movie_search_by_title on movie_search ((left(folded_title, 200) collate "C"), movie_id)',
    },
  ],
  properties: {
    movie: () => p.oneToOne(Movie).primary().name('movie_id').deleteRule('cascade').updateRule('cascade'),
    foldedTitle: p.text().name('folded_title'),
    foldedOriginalTitle: p.text().nullable().name('folded_original_title'),
    terms: p.string().columnType('tsvector').name('terms').comment('weights: titles A, people B, genres C'),
  },
});

/** The search terms of a movie. The statements of `search/search.repository.ts` read this table. */
export class MovieSearch extends MovieSearchSchema.class {}
MovieSearchSchema.setClass(MovieSearch);
