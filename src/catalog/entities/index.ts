import { Cinema } from './cinema.js';
import { City } from './city.js';
import { DemoCity } from './demo-city.js';
import { Hall } from './hall.js';
import { Layout } from './layout.js';
import { Movie } from './movie.js';
import { Show } from './show.js';

export type { WaitingRoom } from './show.js';

/** Every entity of the catalog. */
export const catalogEntities = [City, Cinema, Layout, Hall, Movie, Show, DemoCity];
