import type { Movie } from '@usher/contract';
import './catalog.css';

/** A movie's poster, or one made of its first letters in a colour of its own. For eyes only: the title stands beside. */
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
  // The golden angle keeps the colours of neighbouring ids far apart.
  const hue = Math.round((movie.movieId * 137.508) % 360);
  return (
    <span className="poster" aria-hidden="true" style={{ '--hue': hue }}>
      {initials}
    </span>
  );
}
