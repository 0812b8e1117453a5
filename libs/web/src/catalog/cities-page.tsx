import type { City } from '@usher/contract';
import { useCallback, useDeferredValue, useMemo } from 'react';
import { Link } from 'wouter';
import { LoadView } from '../service/load-view.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { foldText } from '../ui/fold-text.js';
import { getCountryName } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { SearchField } from '../ui/search-field.js';
import { useQueryText } from '../ui/use-query-text.js';
import { useSearch } from '../ui/use-search.js';
import { listItemsMax, readList } from './read-list.js';
import './catalog.css';

/** The start page, where the user chooses a city. */
export function CitiesPage() {
  const { catalog } = useUsher();
  const cities = useLoad(useCallback(() => readList((query) => catalog.cities(query)), [catalog]));
  return (
    <Page title="Where would you like to go out?" lead="Choose a city to see what is playing there.">
      <LoadView load={cities} what="cities">
        {(list) => <CityList cities={list} />}
      </LoadView>
    </Page>
  );
}

function CityList({ cities }: { readonly cities: readonly City[] }) {
  const { catalog } = useUsher();
  const [query, setQuery] = useQueryText();
  const foldedQuery = foldText(useDeferredValue(query).trim());
  const matches = useMemo(
    () => cities.filter(({ name, country }) => foldText(`${name} ${getCountryName(country)}`).includes(foldedQuery)),
    [cities, foldedQuery],
  );
  // If the list has more cities than this page loaded, the service searches for the others.
  const isComplete = cities.length < listItemsMax;
  const search = useCallback((q: string) => catalog.cities({ q, limit: 100 }), [catalog]);
  const { answer } = useSearch(isComplete ? '' : query.trim(), search);
  const shown = answer?.items ?? matches;
  const hasMore = !isComplete && (query.trim() === '' || (answer !== null && answer.nextCursor !== null));
  return (
    <>
      <SearchField
        label="Search cities"
        value={query}
        onChange={setQuery}
        status={describeCount(shown.length, hasMore)}
      />
      <ul className="cards">
        {shown.map(({ cityId, name, country }) => (
          <li key={cityId}>
            <Link href={`/cities/${cityId}`} className="card">
              <strong>{name}</strong>
              <span className="secondary-text">{getCountryName(country)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function describeCount(count: number, hasMore: boolean): string {
  if (count === 0) return 'There is no city with this name.';
  if (hasMore) return `The first ${count} cities. Search to find others.`;
  return count === 1 ? '1 city' : `${count} cities`;
}
