import { Inject, Injectable } from '@nestjs/common';
import type { Cinema, City, Hall } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { expensiveReadMsMax, readWithin } from '../database/read-within.js';
import { cinemaJson, type CinemaRow, cityColumns } from './catalog-rows.js';

/** Escapes a text so that `like` matches it literally. */
const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

/**
 * SQL statements for cities and cinemas. Lists are sorted by name and id. They start after the row whose id is `after`,
 * or at the first row if `after` is null.
 */
@Injectable()
export class PlacesRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Lists cities, sorted by name.
   *
   * @param foldedQuery part of the name after {@link foldText}; null matches every name. PostgreSQL uses an index for
   * texts of three or more letters. Shorter texts occur in so many names that a scan in the order of names fills the
   * page quickly.
   * @param country ISO-3166 alpha-2 in upper case; null matches every country
   */
  async cities(
    foldedQuery: string | null,
    country: string | null,
    after: number | null,
    limit: number,
  ): Promise<City[]> {
    const rows = await readWithin<City>(this.pool, expensiveReadMsMax, {
      name: 'catalog-cities',
      text: `select ${cityColumns} from city
        where ($1::text is null or folded_name like $1) and ($2::text is null or country = $2)
          and ($3::bigint is null or (folded_name, id) > (select folded_name, id from city where id = $3))
        order by folded_name, id limit $4`,
      values: [foldedQuery === null ? null : `%${escapeLike(foldedQuery)}%`, country, after, limit],
    });
    return rows;
  }

  async city(cityId: number): Promise<City | null> {
    const { rows } = await this.pool.query<City>({
      name: 'catalog-city',
      text: `select ${cityColumns} from city where id = $1::bigint`,
      values: [cityId],
    });
    return rows[0] ?? null;
  }

  async cinemasOfCity(cityId: number, after: number | null, limit: number): Promise<Cinema[]> {
    const rows = await readWithin<CinemaRow>(this.pool, expensiveReadMsMax, {
      name: 'catalog-cinemas-of-city',
      text: `select ${cinemaJson} as cinema from cinema
        where cinema.city_id = $1::bigint
          and ($2::bigint is null or (cinema.name, cinema.id) > (select name, id from cinema where id = $2))
        order by cinema.name, cinema.id limit $3`,
      values: [cityId, after, limit],
    });
    return rows.map(({ cinema }) => cinema);
  }

  async hall(hallId: number): Promise<Hall | null> {
    const { rows } = await this.pool.query<Hall>({
      name: 'catalog-hall',
      text: `select hall.id as "hallId", hall.cinema_id as "cinemaId", hall.name, hall.layout_id as "layoutId",
          layout.seat_count as "seatCount"
        from hall join layout on layout.id = hall.layout_id where hall.id = $1::bigint`,
      values: [hallId],
    });
    return rows[0] ?? null;
  }

  async cinema(cinemaId: number): Promise<Cinema | null> {
    const { rows } = await this.pool.query<CinemaRow>({
      name: 'catalog-cinema',
      text: `select ${cinemaJson} as cinema from cinema
        where cinema.id = $1::bigint`,
      values: [cinemaId],
    });
    return rows[0]?.cinema ?? null;
  }

  /** Returns true if one of the ids belongs to no cinema. */
  async isCinemaMissing(cinemaIds: readonly number[]): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'catalog-missing-cinema',
      text: `select from unnest($1::bigint[]) as wanted (id)
        where not exists (select from cinema where cinema.id = wanted.id) limit 1`,
      values: [cinemaIds],
    });
    return (rowCount ?? 0) > 0;
  }
}
