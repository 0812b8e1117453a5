import type { City, FoundMovies, Movie } from '@usher/contract';
import { type ReactNode, useCallback } from 'react';
import { useUsher } from '../service/usher-context.js';
import { formatCount } from '../ui/format.js';
import { SearchField } from '../ui/search-field.js';
import { useQueryText } from '../ui/use-query-text.js';
import { type SearchResult, useSearch } from '../ui/use-search.js';

/** Maximum number of results. Typing another letter is faster than reading more results. */
const searchResultsMax = 50;

interface MovieSearchProps {
  readonly city: City;
  /** All movies in the city. The page shows them while the search field is empty. */
  readonly movies: readonly Movie[];
  readonly children: (movies: readonly Movie[]) => ReactNode;
}

/** Searches the city's movies by title, person or genre while the user types. */
export function MovieSearch({ city: { cityId }, movies, children }: MovieSearchProps) {
  const { catalog } = useUsher();
  const [query, setQuery] = useQueryText();
  const search = useCallback(
    (keyword: string, signal: AbortSignal) =>
      catalog.search({ keyword, city: cityId, limit: searchResultsMax }, signal),
    [catalog, cityId],
  );
  const result = useSearch(query.trim(), search);
  const status =
    query.trim() === '' ? `${formatCount(movies.length, 'movie')} to choose from.` : describeResult(result);
  return (
    <>
      <SearchField label="Search title, person or genre" value={query} onChange={setQuery} status={status} />
      {children(result.answer ? result.answer.items.map(({ movie }) => movie) : movies)}
    </>
  );
}

function describeResult({ answer, text, hasFailed }: SearchResult<FoundMovies>): ReactNode {
  if (hasFailed) return 'The search failed. Type more to try again.';
  if (answer === null) return 'Searching …';
  const { items, didYouMean, nextCursor } = answer;
  if (items.length === 0) return `No movie here matches “${text}”.`;
  const count = nextCursor === null ? formatCount(items.length, 'movie') : `The first ${items.length} movies`;
  if (didYouMean === null) return `${count} for “${text}”.`;
  return (
    <>
      No movie matches “{text}”. Did you mean <strong>{didYouMean}</strong>? {count}.
    </>
  );
}
