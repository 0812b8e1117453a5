import { Inject, Injectable } from '@nestjs/common';
import type { Cinema, Layout, Movie, SeatCounts, ShowRules } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { cinemaJson, movieJson, ms } from './catalog-rows.js';
import type { WaitingRoom } from './entities/index.js';

/** What selling a show needs of it. Times in milliseconds since 1970, prices in the minor unit. */
export interface SaleRow {
  showId: number;
  layoutId: number;
  prices: Record<string, number>;
  currency: string;
  saleOpensAt: number | null;
  saleClosesAt: number;
  calledOff: boolean;
  rules: ShowRules;
}

/** All that a show's own page says. */
export interface ShowRow extends SaleRow {
  movie: Movie;
  cinema: Cinema;
  hallId: number;
  hallName: string;
  startsAt: number;
  endsAt: number;
  seatCount: number;
  /** Null: no seat of the show was ever touched. */
  counts: SeatCounts | null;
  waitingRoom: WaitingRoom | null;
}

const saleColumns = `show.id as "showId", show.layout_id as "layoutId", show.prices, show.currency,
  ${ms('show.sale_opens_at')} as "saleOpensAt", ${ms('show.sale_closes_at')} as "saleClosesAt",
  show.called_off_at is not null as "calledOff", show.rules`;

/** Statements on one show. */
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
      text: `select ${saleColumns}, ${movieJson} as movie, ${cinemaJson} as cinema, hall.id as "hallId",
          hall.name as "hallName", ${ms('show.starts_at')} as "startsAt", ${ms('show.ends_at')} as "endsAt",
          layout.seat_count as "seatCount", show.waiting_room as "waitingRoom",
          case when show_ledger.show_id is not null then jsonb_build_object('free', show_ledger.free,
            'held', show_ledger.held, 'sold', show_ledger.sold, 'blocked', show_ledger.blocked) end as counts
        from show
        join movie on movie.id = show.movie_id
        join hall on hall.id = show.hall_id
        join cinema on cinema.id = hall.cinema_id
        join city on city.id = cinema.city_id
        join layout on layout.id = show.layout_id
        left join show_ledger on show_ledger.show_id = show.id
        where show.id = $1::bigint`,
      values: [showId],
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
