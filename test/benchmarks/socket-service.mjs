// The service on one hot show of 100,000 seats; with `serializable` its lanes are replaced by a transaction for each
// reservation. Tells its parent where it listens.
import pg from 'pg';
import { readConfig } from '../../dist/config/config.js';
import { createApp } from '../../dist/service.js';
import { ShowsService } from '../../dist/shows/shows.service.js';
import { seatsOfHall, serializableReservations } from './support.mjs';

const [path, url] = process.argv.slice(2);
const seatCount = 100_000;
const pool = new pg.Pool({ connectionString: url, max: 64 });
const showId = await makeShow();
const env = { DATABASE_URL: url, SESSION_SECRET: 'x'.repeat(32), PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'fatal' };
const app = await createApp(readConfig(env), url);
if (path === 'serializable') await replaceLanes(app.get(ShowsService));
await app.get(ShowsService).lane(showId); // read before the clock runs: 100,000 seats take half a second
await app.listen(0, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
process.send({ port: app.getHttpServer().address().port, showId, seatCount });

async function makeShow() {
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

async function replaceLanes(shows) {
  const reserve = await serializableReservations(pool, seatCount);
  shows.submit = async (_, { bookingId, sessionId, request: { seats } }) => {
    await reserve(seats);
    const at = Date.now();
    const money = { amounts: seats.map(() => 1250), currency: 'EUR' };
    const times = { createdAt: at, expiresAt: at + 300_000, firstExpiresAt: at + 300_000 };
    const rest = { status: 'reserved', substituted: false, firstVersion: 1, version: 1, usedKey: null };
    return { type: 'done', booking: { bookingId, sessionId, seats, ...money, ...times, ...rest } };
  };
}
