import { Cinema } from './cinema.js';
import { City } from './city.js';
import { DemoCity } from './demo-city.js';
import { Hall } from './hall.js';
import { Layout } from './layout.js';
import { Movie } from './movie.js';
import { MovieSearch } from './movie-search.js';
import { MovieTally } from './movie-tally.js';
import { MovieWord } from './movie-word.js';
import { Show } from './show.js';

export type { WaitingRoom } from './show.js';

/** All entities of the catalog. */
export const catalogEntities = [City, Cinema, Layout, Hall, Movie, Show, DemoCity, MovieSearch, MovieWord, MovieTally];
