import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { migrate } from '../../dist/database/migrate.js';
import { createOrmOptions } from '../../dist/database/orm-options.js';
import { entities } from '../../dist/mikro-orm.config.js';

/** Settings that a service with `DATABASE_URL` requires. */
export const requiredSettings = {
  PAYMENT_PROVIDER: 'sandbox',
  PUBLIC_URL: 'http://127.0.0.1',
  ENCRYPTION_KEY: 'encrypts the columns of benchmarks only',
};

/** The `SESSION_SECRET` of the services that benchmarks start. */
export const sessionSecret = 'signs the sessions of benchmarks only';

/** Settings that lift the limits of one address, because all load of a benchmark comes from one and is a bot's. */
export const unlimitedAddress = {
  BOT_PROTECTION: 'false',
  SOCKETS_PER_ADDRESS_MAX: '10000000',
  CONNECTIONS_PER_ADDRESS_MAX: '10000000',
  ADDRESS_CALLS_PER_SECOND_MAX: '10000000',
  ADDRESS_PACKETS_PER_SECOND_MAX: '10000000',
};

/** Migrates an empty database to the service's schema. */
export async function migrateDatabase(url) {
  const orm = await MikroORM.init({ ...createOrmOptions(url, entities), logger: () => undefined });
  await migrate(orm, await orm.em.getConnection().getNativeClient());
  await orm.close();
}

/** Opens a pool that ignores lost connections, because the server may stop before the pool ends. */
export function openPool(connectionString, max) {
  const pool = new pg.Pool({ connectionString, max });
  const ignored = () => undefined;
  pool.on('error', ignored).on('connect', (client) => client.on('error', ignored));
  return pool;
}

/** Returns the seats of a simple hall, all of one tier. */
export function seatsOfHall(seatCount, seatsPerRow) {
  const seats = Array.from({ length: seatCount }, (_, seat) => {
    const row = Math.floor(seat / seatsPerRow);
    const place = { x: (seat % seatsPerRow) + 1, y: row + 2 };
    const name = { label: `${row}-${seat}`, section: 'Hall', row: String(row), number: String(seat) };
    return { ...name, ...place, tier: 'standard', kind: 'standard' };
  });
  return { sections: [{ name: 'Hall' }], seats };
}

/** Inserts a show in a simple hall. A session may hold any number of the show's seats. Returns the show's id. */
export async function makeHotShow(pool, seatCount) {
  const { seats, sections } = seatsOfHall(seatCount, 400);
  const values = [seatCount, JSON.stringify(sections), JSON.stringify(seats)];
  const { rows } = await pool.query(
    `with l as (insert into layout (seat_count, width, height, sections, seats) values ($1, 402, 260, $2, $3) returning id),
     c as (insert into city (name, folded_name, country, time_zone, lat, lon) values ('B', 'b', 'DE', 'UTC', 0, 0) returning id),
     k as (insert into cinema (city_id, name, address, postal_code, lat, lon) select id, 'B', '', '', 0, 0 from c returning id),
     h as (insert into hall (cinema_id, name, layout_id) select k.id, 'B', l.id from k, l returning id),
     m as (insert into movie (title, people, genres, duration_minutes) values ('B', '[]', '[]', 90) returning id)
     insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_closes_at, rules)
     select m.id, h.id, l.id, now() + '1 day', now() + '2 days', 'EUR', '{"standard": 1250}', now() + '1 day',
       '{"singleSeatGap": "off", "maxSeatsPerSession": 1000000, "strictLine": false}' from m, h, l returning id`,
    values,
  );
  return rows[0].id;
}

/**
 * Creates the baseline: one row per seat and one SERIALIZABLE transaction per reservation, which retries after a
 * serialization failure. Returns a function that reserves seats and returns the booking's id.
 */
export async function serializableReservations(pool, seatCount) {
  await pool.query(`drop table if exists base_seat, base_booking;
    create table base_seat (show_id int, seat int, status smallint, booking_id uuid, primary key (show_id, seat))
      with (fillfactor = 70);
    create table base_booking (id uuid primary key, show_id int, session_id uuid, seats int[], expires_at timestamptz);
    insert into base_seat select 1, seat, 0 from generate_series(0, ${seatCount - 1}) seat;
    analyze base_seat`);
  return async (seats) => {
    for (;;) {
      const client = await pool.connect();
      try {
        return await transaction(client, seats);
      } catch (error) {
        await client.query('rollback');
        if (error.code !== '40001' && error.code !== '40P01') throw error;
      } finally {
        client.release();
      }
    }
  };
}

const free = 'select seat from base_seat where show_id = 1 and seat = any ($1) and status = 0';
const take = 'update base_seat set status = 1, booking_id = $2 where show_id = 1 and seat = any ($1)';
const book = "insert into base_booking values ($1, 1, $2, $3, now() + interval '5 minutes')";

async function transaction(client, seats) {
  await client.query('begin isolation level serializable');
  const { rowCount } = await client.query({ name: 'free', text: free, values: [seats] });
  if (rowCount !== seats.length) throw new Error('seats are taken');
  const id = uuidv7();
  await client.query({ name: 'take', text: take, values: [seats, id] });
  await client.query({ name: 'book', text: book, values: [id, uuidv7(), seats] });
  await client.query('commit');
  return id;
}

export function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

/** Returns a Markdown table. Numbers have three significant figures. */
export function table(head, rows) {
  const text = (cell) =>
    typeof cell !== 'number'
      ? String(cell)
      : Number.isInteger(cell) || cell >= 100
        ? Math.round(cell)
        : cell.toPrecision(3);
  const line = (cells) => `| ${cells.map(text).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** Returns the run with the median value of a field. */
export function medianBy(runs, field) {
  return runs.toSorted((a, b) => a[field] - b[field])[Math.floor(runs.length / 2)];
}
