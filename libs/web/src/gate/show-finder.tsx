import { useCallback, useId, useState } from 'react';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { formatTime } from '../ui/format.js';

interface SelectOption {
  readonly value: number;
  readonly text: string;
}

/** Finds today's show by city and cinema, for staff who do not know its number. */
export function ShowFinder({ onFound }: { readonly onFound: (showId: number) => void }) {
  const { catalog } = useUsher();
  const [cityId, setCityId] = useState<number | null>(null);
  const [cinemaId, setCinemaId] = useState<number | null>(null);
  const cities = useSelectOptions(
    useCallback(async () => {
      const { items } = await catalog.cities({ limit: 100 });
      return items.map((city) => ({ value: city.cityId, text: city.name }));
    }, [catalog]),
  );
  const cinemas = useSelectOptions(
    useCallback(async () => {
      if (cityId === null) return [];
      const { items } = await catalog.cinemas(cityId, { limit: 100 });
      return items.map((cinema) => ({ value: cinema.cinemaId, text: cinema.name }));
    }, [catalog, cityId]),
  );
  const shows = useSelectOptions(
    useCallback(async () => (cinemaId === null ? [] : readShowsOfToday(catalog, cinemaId)), [catalog, cinemaId]),
  );
  return (
    <details className="gate-finder">
      <summary>Find today’s show</summary>
      <div className="fields">
        <LabelledSelect
          label="City"
          options={cities}
          value={cityId}
          onChange={(city) => {
            setCityId(city);
            setCinemaId(null);
          }}
        />
        <LabelledSelect
          key={`cinema ${cityId}`}
          label="Cinema"
          options={cinemas}
          value={cinemaId}
          onChange={setCinemaId}
        />
        <LabelledSelect key={`show ${cinemaId}`} label="Show" options={shows} value={null} onChange={onFound} />
      </div>
    </details>
  );
}

async function readShowsOfToday(
  catalog: ReturnType<typeof useUsher>['catalog'],
  cinemaId: number,
): Promise<SelectOption[]> {
  const cinema = await catalog.cinema(cinemaId);
  const { items } = await catalog.cinemaShowtimes(cinemaId, { limit: 100 });
  return items
    .flatMap(({ movie, shows }) => shows.map((show) => ({ ...show, title: movie.title })))
    .filter(({ startsAt }) => isToday(startsAt, cinema.timeZone))
    .toSorted((a, b) => a.startsAt.localeCompare(b.startsAt))
    .map(({ showId, startsAt, hallName, title }) => ({
      value: showId,
      text: `${formatTime(startsAt, cinema.timeZone)} ${title}, ${hallName}`,
    }));
}

function isToday(instant: string, timeZone: string): boolean {
  const day = (at: Date) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
  return day(new Date(instant)) === day(new Date());
}

/** Returns the options, or none while they are loading or if they failed to load. */
function useSelectOptions(read: () => Promise<SelectOption[]>): readonly SelectOption[] {
  const load = useLoad(read);
  return load.state === 'ready' ? load.value : [];
}

interface LabelledSelectProps {
  readonly label: string;
  readonly options: readonly SelectOption[];
  readonly value: number | null;
  readonly onChange: (value: number) => void;
}

function LabelledSelect({ label, options, value, onChange }: LabelledSelectProps) {
  const id = useId();
  const [selected, setSelected] = useState(value);
  const select = (next: number): void => {
    setSelected(next);
    onChange(next);
  };
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={selected ?? ''} onChange={({ target }) => select(Number(target.value))}>
        <option value="" disabled>
          {options.length === 0 ? 'None available' : 'Choose'}
        </option>
        {options.map(({ value: optionValue, text }) => (
          <option key={optionValue} value={optionValue}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}
