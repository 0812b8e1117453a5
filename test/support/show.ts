import { type LayoutSeat, ShowProtection, type ShowRules } from '@usher/contract';
import type { Pool } from 'pg';
import type { WaitingRoom } from '../../src/catalog/entities/index.js';

/** Options of a test's show. By default it has one tier, is on sale, and starts in a week. */
export interface ShowOptions {
  readonly rows?: number;
  readonly seatsPerRow?: number;
  /** Seats to use instead of `rows` and `seatsPerRow`. Every tier has the same price. */
  readonly seats?: readonly LayoutSeat[];
  readonly rules?: Partial<ShowRules>;
  readonly saleOpensAt?: Date;
  readonly startsAt?: Date;
  /** By default, the show has no protection of its own. */
  readonly protection?: Partial<ShowProtection>;
  readonly waitingRoom?: Partial<WaitingRoom> & Pick<WaitingRoom, 'mode'>;
}

const day = 24 * 60 * 60 * 1000;

/** Returns the seats of a rectangular hall: rows A, B, C …, one unit apart, all of the tier and kind `standard`. */
export function plainSeats(rows: number, seatsPerRow: number): LayoutSeat[] {
  return Array.from({ length: rows * seatsPerRow }, (_, seat) => {
    const row = Math.floor(seat / seatsPerRow);
    const name = row < 26 ? String.fromCharCode(65 + row) : `R${row}`;
    const number = String((seat % seatsPerRow) + 1);
    const place = { x: (seat % seatsPerRow) + 1, y: row + 2 };
    return {
      label: `${name}${number}`,
      section: 'Hall',
      row: name,
      number,
      ...place,
      tier: 'standard',
      kind: 'standard',
    };
  });
}

/** Inserts a show with a new hall. Returns the show's id. */
export async function makeShow(pool: Pool, options: ShowOptions = {}): Promise<number> {
  const { rows = 10, seatsPerRow = 10, startsAt = new Date(Date.now() + 7 * day) } = options;
  const seats = options.seats ?? plainSeats(rows, seatsPerRow);
  const prices = Object.fromEntries(seats.map(({ tier }) => [tier, 1250]));
  const rules: ShowRules = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false, ...options.rules };
  const { rows: made } = await pool.query<{ id: number }>(
    `with layout_ as (
       insert into layout (seat_count, width, height, stage, sections, seats)
       values ($1, $2, $3, $4, $5, $6) returning id
     ), city_ as (
       insert into city (name, folded_name, country, time_zone, lat, lon)
       values ('Testville', 'testville', 'DE', 'Europe/Berlin', 52.5, 13.4) returning id
     ), cinema_ as (
       insert into cinema (city_id, name, address, postal_code, lat, lon)
       select id, 'Test', 'Street 1', '10115', 52.5, 13.4 from city_ returning id
     ), hall_ as (
       insert into hall (cinema_id, name, layout_id) select cinema_.id, 'Hall 1', layout_.id from cinema_, layout_
       returning id
     ), movie_ as (
       insert into movie (title, people, genres, duration_minutes) values ('A Test', '[]', '[]', 90) returning id
     )
     insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_opens_at,
       sale_closes_at, rules, waiting_room, protection)
     select movie_.id, hall_.id, layout_.id, $7::timestamptz, $7::timestamptz + interval '90 minutes', 'EUR', $11::jsonb, $8::timestamptz, $7::timestamptz, $9::jsonb,
       $10::jsonb, $12::jsonb
     from movie_, hall_, layout_ returning id`,
    [
      seats.length,
      seatsPerRow + 2,
      rows + 3,
      JSON.stringify({ label: 'Screen', x: 1, y: 0, width: seatsPerRow, height: 0.5 }),
      JSON.stringify([{ name: 'Hall' }]),
      JSON.stringify(seats),
      startsAt.toISOString(),
      options.saleOpensAt?.toISOString() ?? null,
      JSON.stringify(rules),
      options.waitingRoom
        ? JSON.stringify({ maxShoppers: 1, admitPerMinute: null, shopSeconds: null, ...options.waitingRoom })
        : null,
      JSON.stringify(prices),
      options.protection ? JSON.stringify(ShowProtection.parse(options.protection)) : null,
    ],
  );
  return made[0]!.id;
}
