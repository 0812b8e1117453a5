import type { CinemaShowtimes, City, Movie, SaleStatus, Showtime } from '@usher/contract';
import { useCallback, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { LoadView } from '../service/load-view.js';
import { isNotFoundError } from '../service/refusals.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { type Day, formatCalendarDay, formatMoney, formatTime, listDays } from '../ui/format.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import { Page } from '../ui/page.js';
import { formatMovieFacts } from './movies-page.js';
import { readList } from './read-list.js';
import './catalog.css';

/** Number of days from which the user can choose. */
const shownDays = 14;

interface Ids {
  readonly cityId: number;
  readonly movieId: number;
}

/** The page of a movie in a city, where the user chooses a day and a show. */
export function ShowtimesPage({ cityId, movieId }: Ids) {
  const usher = useUsher();
  const read = useCallback(async () => {
    const [city, movie, playing] = await Promise.all([
      usher.catalog.city(cityId),
      usher.catalog.movie(movieId),
      usher.catalog.movieShowtimes(movieId, { cityId, limit: 100 }),
    ]);
    return { city, movie, playing: playing.items };
  }, [usher, cityId, movieId]);
  const load = useLoad(read);

  if (load.state === 'ready') return <Showtimes {...load.value} />;
  if (load.state === 'failed' && isNotFoundError(load.error)) return <NotFoundPage />;
  return (
    <Page title="Showtimes" crumbs={[{ href: '/', text: 'Cities' }]}>
      <LoadView load={load} what="showtimes">
        {() => null}
      </LoadView>
    </Page>
  );
}

interface ShowtimesProps {
  readonly city: City;
  readonly movie: Movie;
  /** The shows from today on. They decide which day is selected at first. */
  readonly playing: readonly CinemaShowtimes[];
}

function Showtimes({ city, movie, playing }: ShowtimesProps) {
  const usher = useUsher();
  const days = useMemo(() => listDays(usher.serverNow(), city.timeZone, shownDays), [usher, city]);
  const [date, setDate] = useState(() => findFirstDay(days, playing, city.timeZone));
  const day = days.find((candidate) => candidate.date === date);
  const { cityId } = city;
  const { movieId } = movie;
  const read = useCallback(
    () => readList((query) => usher.catalog.movieShowtimes(movieId, { ...query, cityId, date })),
    [usher, movieId, cityId, date],
  );
  const load = useLoad(read);
  return (
    <Page
      title={movie.title}
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: `/cities/${cityId}`, text: city.name },
      ]}
      lead={formatMovieFacts(movie)}
    >
      {movie.synopsis !== null && <p className="synopsis">{movie.synopsis}</p>}
      <DayPicker days={days} date={date} onChoose={setDate} />
      <h2>{day?.long}</h2>
      <LoadView load={load} what="showtimes">
        {(items) => <CinemaList items={items} />}
      </LoadView>
    </Page>
  );
}

/** Returns the first day that has a show, or the first day if there is no show. */
function findFirstDay(days: readonly Day[], playing: readonly CinemaShowtimes[], timeZone: string): string {
  const shows = playing.flatMap((cinema) => cinema.shows).filter(({ saleStatus }) => saleStatus !== 'closed');
  const dates = new Set(shows.map(({ startsAt }) => formatCalendarDay(Date.parse(startsAt), timeZone)));
  return (days.find(({ date }) => dates.has(date)) ?? days[0])?.date ?? '';
}

interface DayPickerProps {
  readonly days: readonly Day[];
  readonly date: string;
  readonly onChoose: (date: string) => void;
}

function DayPicker({ days, date, onChoose }: DayPickerProps) {
  return (
    <fieldset className="option-bar">
      <legend>Day</legend>
      {days.map((day) => (
        <label key={day.date} className="option">
          <input
            type="radio"
            name="day"
            value={day.date}
            checked={day.date === date}
            onChange={() => onChoose(day.date)}
            className="visually-hidden"
          />
          <span>
            <strong>{day.weekday}</strong> {day.short}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function CinemaList({ items }: { readonly items: readonly CinemaShowtimes[] }) {
  if (items.length === 0) return <p role="status">There are no shows on this day. Try another day.</p>;
  return items.map(({ cinema, shows }) => (
    <section key={cinema.cinemaId} className="cinema-showtimes" aria-labelledby={`cinema-${cinema.cinemaId}`}>
      <h3 id={`cinema-${cinema.cinemaId}`}>{cinema.name}</h3>
      <p className="secondary-text">
        {cinema.address}, {cinema.postalCode}
      </p>
      <ul className="showtimes">
        {shows.map((show) => (
          <li key={show.showId}>
            <ShowtimeLink show={show} timeZone={cinema.timeZone} />
          </li>
        ))}
      </ul>
    </section>
  ));
}

function ShowtimeLink({ show, timeZone }: { readonly show: Showtime; readonly timeZone: string }) {
  return (
    <Link href={`/shows/${show.showId}`} className={`card showtime sale-${show.saleStatus}`}>
      <strong className="showtime-start">{formatTime(show.startsAt, timeZone)}</strong>
      <span>{show.hallName}</span>
      <span className="secondary-text">from {formatMoney(show.priceFrom)}</span>
      <span className="availability">{describeAvailability(show)}</span>
    </Link>
  );
}

const availabilityTexts: Record<SaleStatus, (free: number) => string> = {
  open: (free) => `${free} free`,
  few: (free) => `only ${free} left`,
  full: () => 'full',
  upcoming: () => 'not on sale yet',
  closed: () => 'sale closed',
};

const describeAvailability = ({ saleStatus, free }: Showtime): string => availabilityTexts[saleStatus](free);
