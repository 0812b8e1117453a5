// Inserts the initial rows of bench:lines, and measures the baseline for a join.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { openPool, percentile, seatsOfHall } from './support.mjs';

/** Inserts a show in a simple hall. Returns the show's id. @param waitingRoom value of the column, or null */
export async function makeShow(pool, { seatCount, waitingRoom = null, saleOpensAt = null }) {
  const { seats, sections } = seatsOfHall(seatCount, 100);
  const values = [seatCount, JSON.stringify(sections), JSON.stringify(seats), waitingRoom, saleOpensAt];
  const { rows } = await pool.query(
    `with l as (insert into layout (seat_count, width, height, sections, seats) values ($1, 102, 260, $2, $3) returning id),
     c as (insert into city (name, folded_name, country, time_zone, lat, lon) values ('B', 'b', 'DE', 'UTC', 0, 0) returning id),
     k as (insert into cinema (city_id, name, address, postal_code, lat, lon) select id, 'B', '', '', 0, 0 from c returning id),
     h as (insert into hall (cinema_id, name, layout_id) select k.id, 'B', l.id from k, l returning id),
     m as (insert into movie (title, people, genres, duration_minutes) values ('B', '[]', '[]', 90) returning id)
     insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_opens_at, sale_closes_at,
       rules, waiting_room)
     select m.id, h.id, l.id, now() + '1 day', now() + '2 days', 'EUR', '{"standard": 1250}', $5, now() + '1 day',
       '{"singleSeatGap": "off", "maxSeatsPerSession": null, "strictLine": false}', $4 from m, h, l returning id`,
    values,
  );
  return rows[0].id;
}

/**
 * Inserts the rows of a line, as if `count` parties of two had joined. The chain is missing, because no benchmark reads
 * it. The ledger does not count the line, so that no service ticks it too early. If `inLobby` is true, the parties have
 * no places yet.
 */
export async function seedLine(pool, showId, { line, count, seatCount, inLobby = false }) {
  await pool.query('insert into show_ledger (show_id, free) values ($1, $2)', [showId, seatCount]);
  await pool.query(
    `insert into show_line (show_id, line, seed, hash, last_line_ticket, version)
     select $1, line, case when line = 'entry' then $2 end, repeat('0', 64), tickets, tickets
     from (values ('seats', $3::int), ('entry', $4::int)) l (line, tickets)`,
    [showId, randomBytes(32).toString('hex'), line === 'seats' ? count : 0, line === 'entry' ? count : 0],
  );
  await pool.query(
    `insert into waiter (show_id, line, line_ticket, place, session_id, party_size, joined_at, expires_at, receipt)
     select $1, $2, n, case when $4 then null else n end, gen_random_uuid(), 2, now(), now() + '1 hour',
       translate(encode(sha512(n::text::bytea), 'base64'), '+/=' || chr(10), '-_') from generate_series(1, $3::int) n`,
    [showId, line, count, inLobby],
  );
  await pool.query('analyze waiter');
}

/**
 * Measures the baseline for some seconds. Each join is a transaction under the line's row lock. It writes the same data
 * as the service: a line ticket with a signed receipt, and the next entry of the chain.
 */
export async function joinsOneByOne(url, callers) {
  const pool = openPool(url, callers);
  const joinOne = await oneByOne(pool);
  const latencies = [];
  const began = performance.now();
  const call = async () => {
    while (performance.now() < began + baselineMs) {
      const at = performance.now();
      await joinOne();
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const rate = latencies.length / ((performance.now() - began) / 1000);
  await pool.end();
  return { rate, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

const baselineMs = 4000;

async function oneByOne(pool) {
  const { privateKey } = generateKeyPairSync('ed25519');
  await pool.query(`drop table if exists base_line, base_waiter, base_event;
    create table base_line (id int primary key, last_ticket int, hash text) with (fillfactor = 50);
    create table base_waiter (id int, ticket int, session_id uuid, joined_at timestamptz, receipt text,
      primary key (id, ticket), unique (id, session_id));
    create table base_event (id int, n int, at timestamptz, kind text, ticket int, hash text, primary key (id, n));
    insert into base_line values (1, 0, repeat('0', 64))`);
  return async () => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const text = 'select last_ticket, hash, now() from base_line where id = 1 for update';
      const { rows } = await client.query({ name: 'lock', text });
      const ticket = rows[0].last_ticket + 1;
      const at = rows[0].now;
      const link = `${rows[0].hash}|${ticket}|${at.toISOString()}|join|${ticket}`;
      const hash = createHash('sha256').update(link).digest('hex');
      const sessionId = uuidv7();
      const receipt = sign(null, Buffer.from(`${ticket}|${sessionId}`), privateKey).toString('base64url');
      await client.query({ name: 'join', text: join, values: [ticket, hash, at, sessionId, receipt] });
      await client.query('commit');
    } finally {
      client.release();
    }
  };
}

const join = `with line as (update base_line set last_ticket = $1, hash = $2 where id = 1),
  event as (insert into base_event values (1, $1, $3, 'join', $1, $2))
  insert into base_waiter values (1, $1, $4, $3, $5)`;
