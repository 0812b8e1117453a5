import type { City, FoundMovies, Movie } from '@usher/contract';
import { type ReactNode, useCallback } from 'react';
import { formatCount } from '../ui/format.js';
import { SearchField } from '../ui/search-field.js';
import { useQueryText } from '../ui/use-query-text.js';
import { type SearchResult, useSearch } from '../ui/use-search.js';
import { useUsher } from '../service/usher-context.js';

/** More than this nobody looks through: another letter finds it sooner. */
const searchResultsMax = 50;

interface MovieSearchProps {
  readonly city: City;
  /** All that play in the city: shown while nothing is searched for. */
  readonly movies: readonly Movie[];
  readonly children: (movies: readonly Movie[]) => ReactNode;
}

/** A search of the city's movies by title, person or genre, while it is typed. */
export function MovieSearch({ city: { cityId }, movies, children }: MovieSearchProps) {
  const { catalog } = useUsher();
  const [typed, setTyped] = useQueryText();
  const search = useCallback(
    (keyword: string, signal: AbortSignal) =>
      catalog.search({ keyword, city: cityId, limit: searchResultsMax }, signal),
    [catalog, cityId],
  );
  const found = useSearch(typed.trim(), search);
  const status = typed.trim() === '' ? `${formatCount(movies.length, 'movie')} to choose from.` : describeResult(found);
  return (
    <>
      <SearchField label="Search title, person or genre" value={typed} onChange={setTyped} status={status} />
      {children(found.answer ? found.answer.items.map(({ movie }) => movie) : movies)}
    </>
  );
}

function describeResult({ answer, text, isFailed }: SearchResult<FoundMovies>): ReactNode {
  if (isFailed) return 'The search did not answer. Type on to try again.';
  if (answer === null) return 'Searching …';
  const { items, didYouMean, nextCursor } = answer;
  if (items.length === 0) return `Nothing playing here fits “${text}”.`;
  const count = nextCursor === null ? formatCount(items.length, 'movie') : `The first ${items.length} movies`;
  if (didYouMean === null) return `${count} for “${text}”.`;
  return (
    <>
      Nothing fits “{text}”. Did you mean <strong>{didYouMean}</strong>? {count}.
    </>
  );
}
