import { Inject, Injectable } from '@nestjs/common';
import type { Cinema, Layout, Movie, SeatCounts, ShowProtection, ShowRules } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';
import { cinemaJson, movieJson } from './catalog-rows.js';
import type { WaitingRoom } from './entities/index.js';

/** The sale terms of a show. Times are milliseconds since 1970, and prices are in the minor unit. */
export interface SaleRow {
  showId: number;
  layoutId: number;
  prices: Record<string, number>;
  currency: string;
  saleOpensAt: number | null;
  saleClosesAt: number;
  movieId: number;
  hallId: number;
  startsAt: number;
  endsAt: number;
  calledOff: boolean;
  termsVersion: number;
  rules: ShowRules;
  waitingRoom: WaitingRoom | null;
  protection: ShowProtection | null;
}

/** All columns that the details of a show need. */
export interface ShowRow extends SaleRow {
  movie: Movie;
  cinema: Cinema;
  hallName: string;
  calledOffReason: string | null;
  seatCount: number;
  /** Null if no lane has opened the show yet, so all seats are free. */
  counts: SeatCounts | null;
}

/** The names of a show's movie, hall and cinema. */
export interface PlanNames {
  readonly movie: string;
  readonly hall: string;
  readonly cinema: string;
}

const saleColumns = `show.id as "showId", show.layout_id as "layoutId", show.prices, show.currency,
  ${toEpochMs('show.sale_opens_at')} as "saleOpensAt", ${toEpochMs('show.sale_closes_at')} as "saleClosesAt",
  show.movie_id as "movieId", show.hall_id as "hallId",
  ${toEpochMs('show.starts_at')} as "startsAt", ${toEpochMs('show.ends_at')} as "endsAt", show.terms_version as "termsVersion",
  show.called_off_at is not null as "calledOff", show.rules, show.waiting_room as "waitingRoom", show.protection`;

/** SQL statements for single shows. */
@Injectable()
export class ShowCatalogRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async sale(showId: number): Promise<SaleRow | null> {
    const { rows } = await this.pool.query<SaleRow>({
      name: 'catalog-show-sale',
      text: `select ${saleColumns} from show where id = $1::bigint`,
      values: [showId],
    });
    return rows[0] ?? null;
  }

  async show(showId: number): Promise<ShowRow | null> {
    const { rows } = await this.pool.query<ShowRow>({
      name: 'catalog-show',
      text: `select ${saleColumns}, ${movieJson} as movie, ${cinemaJson} as cinema,
          hall.name as "hallName", show.called_off_reason as "calledOffReason",
          layout.seat_count as "seatCount",
          case when show_ledger.show_id is not null then jsonb_build_object('free', show_ledger.free,
            'held', show_ledger.held, 'sold', show_ledger.sold, 'blocked', show_ledger.blocked) end as counts
        from show
        join movie on movie.id = show.movie_id
        join hall on hall.id = show.hall_id
        join cinema on cinema.id = hall.cinema_id
        join layout on layout.id = show.layout_id
        left join show_ledger on show_ledger.show_id = show.id
        where show.id = $1::bigint`,
      values: [showId],
    });
    return rows[0] ?? null;
  }

  /**
   * Returns the id of a show that uses the hall during any part of the time, or null. The show `besideId` does not
   * count.
   */
  async showInHall(hallId: number, from: Date, until: Date, besideId: number | null): Promise<number | null> {
    const { rows } = await this.pool.query<{ id: number }>({
      name: 'catalog-show-in-hall',
      text: `select id from show where hall_id = $1 and called_off_at is null
          and tstzrange(starts_at, ends_at) && tstzrange($2, $3) and id is distinct from $4
        order by starts_at limit 1`,
      values: [hallId, from, until, besideId],
    });
    return rows[0]?.id ?? null;
  }

  /**
   * Returns the names of a movie, a hall and the hall's cinema. Returns null if the movie or the hall no longer exists.
   */
  async planNames(movieId: number, hallId: number): Promise<PlanNames | null> {
    const { rows } = await this.pool.query<PlanNames>({
      name: 'catalog-plan-names',
      text: `select movie.title as movie, hall.name as hall, cinema.name as cinema
        from movie, hall join cinema on cinema.id = hall.cinema_id where movie.id = $1 and hall.id = $2`,
      values: [movieId, hallId],
    });
    return rows[0] ?? null;
  }

  async layout(layoutId: number): Promise<Layout | null> {
    const { rows } = await this.pool.query<Layout>({
      name: 'catalog-layout',
      text: `select id as "layoutId", seat_count as "seatCount", width, height, stage, sections, seats
        from layout where id = $1`,
      values: [layoutId],
    });
    return rows[0] ?? null;
  }
}
