import type { City, Movie } from '@usher/contract';
import { useCallback } from 'react';
import { Link } from 'wouter';
import { LoadView } from '../service/load-view.js';
import { isNotFoundError } from '../service/refusals.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import { Page } from '../ui/page.js';
import { MovieSearch } from './movie-search.js';
import { Poster } from './poster.js';
import { readList } from './read-list.js';
import './catalog.css';

/** The page of a city, where the user chooses a movie. */
export function MoviesPage({ cityId }: { readonly cityId: number }) {
  const usher = useUsher();
  const read = useCallback(async () => {
    const [city, movies] = await Promise.all([
      usher.catalog.city(cityId),
      readList((query) => usher.catalog.movies(cityId, query)),
    ]);
    return { city, movies };
  }, [usher, cityId]);
  const load = useLoad(read);

  if (load.state === 'ready') return <Movies {...load.value} />;
  if (load.state === 'failed' && isNotFoundError(load.error)) return <NotFoundPage />;
  return (
    <Page title="Movies" crumbs={[{ href: '/', text: 'Cities' }]}>
      <LoadView load={load} what="movies">
        {() => null}
      </LoadView>
    </Page>
  );
}

function Movies({ city, movies }: { readonly city: City; readonly movies: readonly Movie[] }) {
  if (movies.length === 0) {
    return (
      <Page
        title={`Playing in ${city.name}`}
        crumbs={[{ href: '/', text: 'Cities' }]}
        lead="There are no movies here at the moment."
      >
        {null}
      </Page>
    );
  }
  return (
    <Page title={`Playing in ${city.name}`} crumbs={[{ href: '/', text: 'Cities' }]}>
      <MovieSearch city={city} movies={movies}>
        {(list) => <MovieList city={city} movies={list} />}
      </MovieSearch>
    </Page>
  );
}

function MovieList({ city, movies }: { readonly city: City; readonly movies: readonly Movie[] }) {
  return (
    <ul className="cards cards-movies">
      {movies.map((movie) => (
        <li key={movie.movieId}>
          <Link href={`/cities/${city.cityId}/movies/${movie.movieId}`} className="card card-movie">
            <Poster movie={movie} />
            <span className="card-text">
              <strong>{movie.title}</strong>
              <span className="secondary-text">{formatMovieFacts(movie)}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Returns for example "Drama, Thriller · 129 min · 1999". */
export function formatMovieFacts({ genres, durationMinutes, releaseDate }: Movie): string {
  return [genres.join(', '), `${durationMinutes} min`, releaseDate?.slice(0, 4) ?? '']
    .filter((fact) => fact !== '')
    .join(' · ');
}
