import type { Pool } from 'pg';
import { plainSeats } from './show.js';

/** The fields of a movie that a test sets. The other fields have default values. */
export interface MovieSpec {
  readonly title: string;
  readonly originalTitle?: string;
  readonly people?: readonly string[];
  readonly genres?: readonly string[];
}

/** The fields of a cinema that a test sets. */
export interface CinemaSpec {
  readonly name?: string;
  readonly postalCode?: string;
  readonly lat?: number;
  readonly lon?: number;
}

/** Fills a catalog with SQL statements, without any code of the service. */
export class CatalogWriter {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  city(name: string, timeZone = 'Europe/Berlin', country = 'DE'): Promise<number> {
    return this.id(
      `insert into city (name, folded_name, country, time_zone, lat, lon)
       values ($1, folded_text($1), $2, $3, 52.5, 13.4) returning id`,
      [name, country, timeZone],
    );
  }

  cinema(cityId: number, { name = 'Rex', postalCode = '10115', lat = 52.5, lon = 13.4 }: CinemaSpec = {}) {
    return this.id(
      `insert into cinema (city_id, name, address, postal_code, lat, lon) values ($1, $2, 'Street 1', $3, $4, $5)
       returning id`,
      [cityId, name, postalCode, lat, lon],
    );
  }

  /** Inserts a hall with ten seats. */
  async hall(cinemaId: number): Promise<number> {
    const layoutId = await this.id(
      `insert into layout (seat_count, width, height, stage, sections, seats)
       values (10, 12, 4, null, '[{"name":"Hall"}]', $1) returning id`,
      [JSON.stringify(plainSeats(1, 10))],
    );
    return this.id(`insert into hall (cinema_id, name, layout_id) values ($1, 'Hall 1', $2) returning id`, [
      cinemaId,
      layoutId,
    ]);
  }

  movie({ title, originalTitle, people = [], genres = [] }: MovieSpec): Promise<number> {
    const named = people.map((name) => ({ name, role: 'actor' }));
    return this.id(
      `insert into movie (title, original_title, people, genres, duration_minutes) values ($1, $2, $3, $4, 90)
       returning id`,
      [title, originalTitle ?? null, JSON.stringify(named), JSON.stringify(genres)],
    );
  }

  /**
   * Inserts a show in a copy of the given hall, because a hall can have only one show at a time.
   *
   * @param startsAt hours from now, or an ISO time
   */
  async show(movieId: number, hallId: number, startsAt: number | string = 24): Promise<number> {
    const own = await this.id(
      `insert into hall (cinema_id, name, layout_id) select cinema_id, name, layout_id from hall where id = $1
       returning id`,
      [hallId],
    );
    return this.showIn(own, movieId, startsAt);
  }

  /** Inserts a show in a hall. @param startsAt hours from now, or an ISO time */
  showIn(hallId: number, movieId: number, startsAt: number | string): Promise<number> {
    const time = typeof startsAt === 'string' ? startsAt : new Date(Date.now() + startsAt * 3_600_000).toISOString();
    return this.id(
      `insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_closes_at, rules)
       select $1, hall.id, hall.layout_id, $3::timestamptz, $3::timestamptz + interval '90 minutes', 'EUR',
         '{"standard":1250}', $3::timestamptz,
         '{"singleSeatGap":"off","maxSeatsPerSession":null,"strictLine":false}'
       from hall where id = $2 returning id`,
      [movieId, hallId, time],
    );
  }

  private async id(text: string, values: unknown[]): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>(text, values);
    const [row] = rows;
    if (!row) throw new Error('the statement inserted no row');
    return row.id;
  }
}
