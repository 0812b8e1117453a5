import { insertSyntheticCatalog } from '../../dist/catalog/synthetic/synthetic-catalog.js';
import { makeHotShow } from './support.mjs';

const [buyerCount, sessionCount, auditEntryCount] = [10, 50, 20_000];

/** Entries for exports of the audit trail, because exports of an empty trail cost nothing. Their hashes are invalid. */
const insertAuditEntries = `insert into audit_entry
    (show_id, seq, at, action, actor_kind, actor_name, subject_kind, subject_id, hash)
  select 0, n, now(), 'city.create', 'setting', 'ADMIN_API_KEY', 'city', n, repeat('0', 64)
  from generate_series(1000001, 1000000 + $1::int) n`;

/** Fills the database for the attacks. Returns the ids and words that need no running service. */
export async function fillDatabase(pool, { shows, hotSeats }) {
  const client = await pool.connect();
  const size = { country: 'US', cities: 500, cinemas: 10, halls: 3, movies: 3000, days: 14 };
  await insertSyntheticCatalog(client, { ...size, shows, seed: 'floods' }, new Date(), () => undefined);
  client.release();
  const ids = async (sql) => (await pool.query(sql)).rows.map(({ id }) => id);
  await pool.query(insertAuditEntries, [auditEntryCount]);
  const hotShowId = await makeHotShow(pool, hotSeats);
  const layoutShowId = await makeHotShow(pool, 2000);
  const { rows } = await pool.query(`select word from (select distinct word from movie_word) w where length(word) > 5`);
  return {
    hotShowId,
    layoutShowId,
    words: rows.map(({ word }) => word).filter((word) => /^[a-z]+$/.test(word)),
    cities: await ids('select id from city order by id limit 500'),
    movies: await ids('select movie_id as id from show group by movie_id order by count(*) desc limit 20'),
    cinemas: await ids('select id from cinema order by id limit 5000'),
  };
}

/** Creates the sessions and the paid bookings that some attacks use. */
export async function createCallers(url, { layoutShowId }) {
  const call = async (method, path, token, body, address) => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': address,
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const sessions = [];
  for (let n = 0; n < sessionCount; n++) {
    sessions.push((await call('POST', '/v1/sessions', null, undefined, `192.0.2.${n}`)).token);
  }
  const bookings = [];
  for (let n = 0; n < buyerCount; n++) {
    const seats = Array.from({ length: 10 }, (_, seat) => n * 10 + seat);
    const token = sessions[n];
    const address = `192.0.2.${n}`;
    const { bookingId } = await call('POST', `/v1/shows/${layoutShowId}/reservations`, token, { seats }, address);
    const payment = await call('POST', `/v1/bookings/${bookingId}/payments`, token, {}, address);
    const { pathname, search } = new URL(payment.redirectUrl);
    await call('POST', pathname + search, null, { card: '4242 4242 4242 4242' }, address);
    bookings.push({ bookingId, token });
  }
  return { sessions, bookings };
}
