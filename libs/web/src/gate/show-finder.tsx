import { useCallback, useId, useState } from 'react';
import { formatTime } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';

interface SelectOption {
  readonly value: number;
  readonly text: string;
}

/** Finds today's show by city and cinema, for who does not know its number. */
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
          choices={cities}
          value={cityId}
          onChoose={(city) => {
            setCityId(city);
            setCinemaId(null);
          }}
        />
        <LabelledSelect
          key={`cinema ${cityId}`}
          label="Cinema"
          choices={cinemas}
          value={cinemaId}
          onChoose={setCinemaId}
        />
        <LabelledSelect key={`show ${cinemaId}`} label="Show" choices={shows} value={null} onChoose={onFound} />
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
    .toSorted((one, other) => one.startsAt.localeCompare(other.startsAt))
    .map(({ showId, startsAt, hallName, title }) => ({
      value: showId,
      text: `${formatTime(startsAt, cinema.timeZone)} ${title}, ${hallName}`,
    }));
}

function isToday(instant: string, timeZone: string): boolean {
  const day = (at: Date) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
  return day(new Date(instant)) === day(new Date());
}

/** What there is to choose from; nothing while it is being read, or cannot be. */
function useSelectOptions(read: () => Promise<SelectOption[]>): readonly SelectOption[] {
  const loaded = useLoad(read);
  return loaded.state === 'ready' ? loaded.value : [];
}

interface LabelledSelectProps {
  readonly label: string;
  readonly choices: readonly SelectOption[];
  readonly value: number | null;
  readonly onChoose: (value: number) => void;
}

function LabelledSelect({ label, choices, value, onChoose }: LabelledSelectProps) {
  const id = useId();
  const [chosen, setChosen] = useState(value);
  const choose = (next: number): void => {
    setChosen(next);
    onChoose(next);
  };
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={chosen ?? ''} onChange={({ target }) => choose(Number(target.value))}>
        <option value="" disabled>
          {choices.length === 0 ? 'none' : 'Choose'}
        </option>
        {choices.map(({ value: one, text }) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}
