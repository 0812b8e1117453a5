import type { City } from '@usher/contract';
import { useCallback, useDeferredValue, useMemo } from 'react';
import { Link } from 'wouter';
import { countryName } from '../ui/format.js';
import { useLoad } from '../ui/load.js';
import { Loading } from '../ui/loading.js';
import { Page } from '../ui/page.js';
import { plain } from '../ui/plain.js';
import { SearchField } from '../ui/search-field.js';
import { useAddressText } from '../ui/use-address-text.js';
import { useSearch } from '../ui/use-search.js';
import { useUsher } from '../usher.js';
import { listMost, wholeList } from './catalog-reads.js';

/** First page: which city. */
export function CitiesPage() {
  const { catalog } = useUsher();
  const cities = useLoad(useCallback(() => wholeList((query) => catalog.cities(query)), [catalog]));
  return (
    <Page title="Where would you like to go out?" lead="Choose a city to see what is playing there.">
      <Loading loaded={cities} what="cities">
        {(list) => <CityList cities={list} />}
      </Loading>
    </Page>
  );
}

function CityList({ cities }: { readonly cities: readonly City[] }) {
  const { catalog } = useUsher();
  const [typed, setTyped] = useAddressText();
  const wanted = plain(useDeferredValue(typed).trim());
  const listed = useMemo(
    () => cities.filter(({ name, country }) => plain(`${name} ${countryName(country)}`).includes(wanted)),
    [cities, wanted],
  );
  // Of a list that is longer than what was read, the service knows the rest.
  const isWhole = cities.length < listMost;
  const search = useCallback((q: string) => catalog.cities({ q, limit: 100 }), [catalog]);
  const asked = useSearch(isWhole ? '' : typed.trim(), search);
  const found = asked.answer?.items ?? listed;
  const isMore = !isWhole && (typed.trim() === '' || (asked.answer !== null && asked.answer.nextCursor !== null));
  return (
    <>
      <SearchField label="Search cities" value={typed} onChange={setTyped} status={statusOf(found.length, isMore)} />
      <ul className="cards">
        {found.map(({ cityId, name, country }) => (
          <li key={cityId}>
            <Link href={`/cities/${cityId}`} className="card">
              <strong>{name}</strong>
              <span className="quiet">{countryName(country)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function statusOf(count: number, isMore: boolean): string {
  if (count === 0) return 'No city of this name.';
  if (isMore) return `The first ${count} cities: search to see others.`;
  return count === 1 ? '1 city' : `${count} cities`;
}
