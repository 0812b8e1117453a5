import type { Movie } from '@usher/contract';
import './catalog.css';

/**
 * Shows a movie's poster. A movie without a poster gets a coloured card with its initials. Screen readers skip the
 * poster and the card, because the movie's title stands beside them.
 */
export function Poster({ movie }: { readonly movie: Movie }) {
  if (movie.posterUrl !== null) {
    return <img className="poster" src={movie.posterUrl} alt="" loading="lazy" width={80} height={112} />;
  }
  const initials = movie.title
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  // A step of the golden angle per id gives neighbouring ids very different colours.
  const hue = Math.round((movie.movieId * 137.508) % 360);
  return (
    <span className="poster" aria-hidden="true" style={{ '--hue': hue }}>
      {initials}
    </span>
  );
}
