import type { City } from '@usher/contract';
import { useCallback, useDeferredValue, useId, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { countryName } from '../ui/format.js';
import { useLoad } from '../ui/load.js';
import { Loading } from '../ui/loading.js';
import { Page } from '../ui/page.js';
import { useUsher } from '../usher.js';
import { wholeList } from './catalog-reads.js';

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

/** Letters without accents and case, so that "malaga" finds "Málaga". */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

function CityList({ cities }: { readonly cities: readonly City[] }) {
  const [search, setSearch] = useState('');
  const wanted = plain(useDeferredValue(search).trim());
  const found = useMemo(
    () => cities.filter(({ name, country }) => plain(`${name} ${countryName(country)}`).includes(wanted)),
    [cities, wanted],
  );
  const id = useId();
  return (
    <>
      <search className="search">
        <label htmlFor={id}>Search cities</label>
        <input
          id={id}
          type="search"
          autoComplete="off"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      <p role="status" className="quiet">
        {found.length === 0 ? 'No city of this name.' : found.length === 1 ? '1 city' : `${found.length} cities`}
      </p>
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
