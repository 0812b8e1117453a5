import type { City } from '@usher/contract';
import { useCallback, useDeferredValue, useMemo } from 'react';
import { Link } from 'wouter';
import { getCountryName } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { LoadView } from '../service/load-view.js';
import { Page } from '../ui/page.js';
import { foldText } from '../ui/fold-text.js';
import { SearchField } from '../ui/search-field.js';
import { useQueryText } from '../ui/use-query-text.js';
import { useSearch } from '../ui/use-search.js';
import { useUsher } from '../service/usher-context.js';
import { listItemsMax, readList } from './read-list.js';
import './catalog.css';

/** First page: which city. */
export function CitiesPage() {
  const { catalog } = useUsher();
  const cities = useLoad(useCallback(() => readList((query) => catalog.cities(query)), [catalog]));
  return (
    <Page title="Where would you like to go out?" lead="Choose a city to see what is playing there.">
      <LoadView loaded={cities} what="cities">
        {(list) => <CityList cities={list} />}
      </LoadView>
    </Page>
  );
}

function CityList({ cities }: { readonly cities: readonly City[] }) {
  const { catalog } = useUsher();
  const [typed, setTyped] = useQueryText();
  const wanted = foldText(useDeferredValue(typed).trim());
  const listed = useMemo(
    () => cities.filter(({ name, country }) => foldText(`${name} ${getCountryName(country)}`).includes(wanted)),
    [cities, wanted],
  );
  // Of a list that is longer than what was read, the service knows the rest.
  const isWhole = cities.length < listItemsMax;
  const search = useCallback((q: string) => catalog.cities({ q, limit: 100 }), [catalog]);
  const asked = useSearch(isWhole ? '' : typed.trim(), search);
  const found = asked.answer?.items ?? listed;
  const isMore = !isWhole && (typed.trim() === '' || (asked.answer !== null && asked.answer.nextCursor !== null));
  return (
    <>
      <SearchField
        label="Search cities"
        value={typed}
        onChange={setTyped}
        status={describeCount(found.length, isMore)}
      />
      <ul className="cards">
        {found.map(({ cityId, name, country }) => (
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

function describeCount(count: number, isMore: boolean): string {
  if (count === 0) return 'No city of this name.';
  if (isMore) return `The first ${count} cities: search to see others.`;
  return count === 1 ? '1 city' : `${count} cities`;
}
