/**
 * Every statement on the sales tables, one a constant. Named ones are prepared once a connection: 0.05 ms of CPU each
 * where MikroORM's unit of work takes 1.2 ms for the same transaction.
 */

/** Times of day leave the database as whole milliseconds since 1970. */
const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** Milliseconds since 1970 as a time; exact, unlike `to_timestamp`, which goes through a float of seconds. */
const time = (value: string): string => `(timestamptz 'epoch' + ${value} * interval '1 ms')`;

/** A booking's columns under the names of `BookingRecord`; `key` and `bodyHash` become its `usedKey`. */
const bookingColumns = `
  booking_id as "bookingId", session_id as "sessionId", status, seats, amounts, currency, substituted,
  ${ms('created_at')} as "createdAt", ${ms('expires_at')} as "expiresAt", ${ms('first_expires_at')} as "firstExpiresAt",
  first_version::float8 as "firstVersion", version::float8 as version, key, body_hash as "bodyHash"`;

/**
 * Begins a transaction whose waits are bounded: 2 s for the lock, 5 s for a statement, and 5 s between statements, so
 * that a node that freezes with the lock loses it. Set here and not on the connection, which a pooler may share.
 *
 * Plans are the prepared ones: planning `write` anew cost a lone reservation a fifth of its time (0.92 against 1.14 ms,
 * median of 750 in turns), and its rows are found by primary keys whatever the parameters are.
 */
export const begin =
  "begin; set local lock_timeout = '2s'; set local statement_timeout = '5s';" +
  " set local idle_in_transaction_session_timeout = '5s';" +
  " set local plan_cache_mode = 'force_generic_plan'";

/**
 * Locks a show's ledger. The clock is read outside the locked scan: after the lock was had, not when the wait for it
 * began. The id stands in the text, as text and parameters cannot go in one message with {@link begin}.
 */
export const lock = (showId: number): string => {
  if (!Number.isSafeInteger(showId)) throw new TypeError('a show id is an integer');
  return `with locked as materialized (select seq from show_ledger where show_id = ${showId} for update)
    select seq::float8 as seq, ${ms('clock_timestamp()')} as now from locked`;
};

/** `$1` show, `$2` seq. */
export const entriesAfter = {
  name: 'show-entries-after',
  text: `select seq::float8 as seq, version::float8 as version, ${ms('at')} as at, changes
    from show_log where show_id = $1 and seq > $2 order by seq`,
};

/** `$1` show, `$2` version: what `show:sync` answers. A version's seq is never below it, so the primary key serves. */
export const entriesAfterVersion = {
  name: 'show-entries-after-version',
  text: `select seq::float8 as seq, version::float8 as version, ${ms('at')} as at, changes
    from show_log where show_id = $1 and seq > $2 and version > $2 order by seq limit $3`,
};

/** `$1` shows: how far their logs are. */
export const seqs = {
  name: 'show-seqs',
  text: 'select show_id as "showId", seq::float8 as seq from show_ledger where show_id = any ($1::int[])',
};

/** `$1` show, `$2` seats of its hall. */
export const makeLedger = {
  name: 'show-make-ledger',
  text: 'insert into show_ledger (show_id, free) values ($1, $2) on conflict do nothing',
};

/**
 * `$1` show, `$2` age of the oldest key to read, in ms. One statement, so that all parts are of one moment. Blocked
 * seats are those that no booking has.
 */
export const load = {
  name: 'show-load',
  text: `select seq::float8 as seq, version::float8 as version,
    (select coalesce(json_agg(b order by b."createdAt"), '[]') from (
       select ${bookingColumns} from booking where show_id = $1 and status in ('reserved', 'booked')) b) as bookings,
    (select coalesce(array_agg(seat), '{}') from show_seat where show_id = $1 and booking_id is null) as blocked,
    (select coalesce(json_agg(k order by k."createdAt"), '[]') from (
       select session_id as "sessionId", key, body_hash as "bodyHash", booking_id as "bookingId",
         ${ms('created_at')} as "createdAt"
       from booking where show_id = $1 and key is not null
         and created_at > now() - $2 * interval '1 ms') k) as keys
    from show_ledger where show_id = $1`,
};

/**
 * What every commit of a show writes: `$1` show, `$2` seq, `$3` version, `$4` at, `$5` changes; `$6`–`$9` seats by
 * status; `$10`–`$12` taken seats' new rows (seat, status, booking); `$13`–`$23` new bookings by column, arrays of a
 * booking as text.
 *
 * New rows are inserted without "on conflict": the primary key refuses a seat taken twice.
 */
const additions = `ledger as (
      update show_ledger set seq = $2, version = $3, free = $6, held = $7, sold = $8, blocked = $9
      where show_id = $1 and seq = $2 - 1 returning 1
    ), logged as (
      insert into show_log (show_id, seq, version, at, changes) values ($1, $2, $3, ${time('$4::float8')}, $5)
    ), taken as (
      insert into show_seat (show_id, seat, status, booking_id)
      select $1, * from unnest($10::int[], $11::smallint[], $12::uuid[])
    ), added as (
      insert into booking (show_id, booking_id, session_id, status, seats, amounts, currency, substituted,
        created_at, expires_at, first_expires_at, first_version, version, key, body_hash)
      select $1, id, session, status, seats::int[], amounts::int[], currency, substituted,
        ${time('created')}, ${time('expires')}, ${time('expires')}, $3, $3, key, hash
      from unnest($13::uuid[], $14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bool[],
        $20::float8[], $21::float8[], $22::text[], $23::text[])
        as b (id, session, status, seats, amounts, currency, substituted, created, expires, key, hash)
    )`;

/**
 * A commit that only adds, as most do on a busy show. The counts that it answers tell whether the rows were as the lane
 * believed.
 */
export const writeAdditions = {
  name: 'show-write-additions',
  text: `with ${additions}
    select (select count(*) from ledger)::int as ledger, 0 as changed, 0 as freed, 0 as ended`,
};

/**
 * Any commit: as {@link writeAdditions}, and `$24`–`$26` rows of `show_seat` that change, `$27` freed seats, `$28`
 * expired and `$29` released bookings. Rows are found by "= any": a join with unnest is planned as a scan of all
 * bookings of the show, which a busy one has a hundred thousand of.
 */
export const write = {
  name: 'show-write',
  text: `with ${additions}, changed as (
      update show_seat set status = ($25::smallint[])[array_position($24::int[], seat)],
        booking_id = ($26::uuid[])[array_position($24::int[], seat)]
      where show_id = $1 and seat = any ($24::int[]) returning 1
    ), freed as (
      delete from show_seat where show_id = $1 and seat = any ($27::int[]) returning 1
    ), ended as (
      update booking set version = $3,
        status = case when booking_id = any ($28::uuid[]) then 'expired' else 'released' end
      where show_id = $1 and booking_id = any ($28::uuid[] || $29::uuid[]) returning 1
    )
    select (select count(*) from ledger)::int as ledger, (select count(*) from changed)::int as changed,
      (select count(*) from freed)::int as freed, (select count(*) from ended)::int as ended`,
};

/** `$1` booking. Ids are unique in fact, and the index needs no show to find one. */
export const findBooking = {
  name: 'booking-find',
  text: `select show_id as "showId", ${bookingColumns} from booking where booking_id = $1`,
};

/** `$1` show, `$2` session, `$3` the booking after which the page begins or null, `$4` how many. Newest first. */
export const bookingsOfSession = {
  name: 'bookings-of-session',
  text: `select show_id as "showId", ${bookingColumns} from booking
    where show_id = $1 and session_id = $2 and ($3::uuid is null or booking_id < $3) order by booking_id desc limit $4`,
};

/** The clock, the shows with holds whose time has come, and when the next one's comes (null: no hold runs). */
export const dueShows = {
  name: 'shows-due',
  text: `select ${ms('now()')} as now,
    (select coalesce(array_agg(distinct show_id), '{}') from (
       select show_id from booking where status = 'reserved' and expires_at <= now() order by expires_at limit 20000) d
    ) as shows,
    (select ${ms('min(expires_at)')} from booking where status = 'reserved' and expires_at > now()) as next`,
};
