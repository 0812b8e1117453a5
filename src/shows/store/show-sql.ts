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
  booking_id as "bookingId", session_id as "sessionId", status, seats,
  amounts::float8[] as amounts, currency, substituted,
  ${ms('created_at')} as "createdAt", ${ms('expires_at')} as "expiresAt", ${ms('first_expires_at')} as "firstExpiresAt",
  first_version::float8 as "firstVersion", version::float8 as version, ticket, key, body_hash as "bodyHash",
  case when payment_id is not null then json_build_object('paymentId', payment_id, 'status', payment_status,
    'provider', payment_provider) end as payment, refund_terms as "refundTerms"`;

/** Those who wait in a line of `show_line`, under the names of `Waiter`. */
const waiting = `
  select line, ticket, place, session_id as "sessionId", party_size as "partySize", tiers, kind,
    ${ms('joined_at')} as "joinedAt", ${ms('expires_at')} as "expiresAt", receipt
  from waiter where show_id = $1 and waiter.line = show_line.line and waits`;

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
  return `with locked as materialized (select seq, commit_id from show_ledger where show_id = ${showId} for update)
    select seq::float8 as seq, commit_id::float8 as "commitId", ${ms('clock_timestamp()')} as now from locked`;
};

/** A log entry's columns under the names of `LogRow`. */
const entryColumns = `seq::float8 as seq, commit_id::float8 as "commitId", version::float8 as version, ${ms('at')} as at`;

/** `$1` show, `$2` seq, `$3` how many at most; null: all. */
export const entriesAfter = {
  name: 'show-entries-after',
  text: `select ${entryColumns}, changes from show_log where show_id = $1 and seq > $2 order by seq limit $3`,
};

/** `$1` show, `$2` seq: the entry of that seq, without its changes, and all entries after it. */
export const entriesFrom = {
  name: 'show-entries-from',
  text: `select ${entryColumns}, case when seq > $2 then changes else '[]' end as changes
    from show_log where show_id = $1 and seq >= $2 order by seq`,
};

/** `$1` show, `$2` version: what `show:sync` answers. A version's seq is never below it, so the primary key serves. */
export const entriesAfterVersion = {
  name: 'show-entries-after-version',
  text: `select ${entryColumns}, changes
    from show_log where show_id = $1 and seq > $2 and version > $2 order by seq limit $3`,
};

/** `$1` shows: the ends of their logs. */
export const positions = {
  name: 'show-positions',
  text: `select show_id as "showId", seq::float8 as seq, commit_id::float8 as "commitId"
    from show_ledger where show_id = any ($1::int[])`,
};

/**
 * `$1` show, `$2` seats of its hall, `$3` what a lobby of it would be shuffled by, `$4` what a chain begins with. Each row
 * is made where it is missing.
 */
export const makeLedger = {
  name: 'show-make-ledger',
  text: `with ledger as (
      insert into show_ledger (show_id, free) values ($1, $2) on conflict do nothing
    )
    insert into show_line (show_id, line, seed, hash) values ($1, 'seats', null, $4), ($1, 'entry', $3, $4)
    on conflict do nothing`,
};

/**
 * `$1` show, `$2` age of the oldest key to read, in ms. One statement, so that all parts are of one moment. Blocked
 * seats are those that no booking has.
 */
export const load = {
  name: 'show-load',
  text: `select seq::float8 as seq, version::float8 as version,
    coalesce((select l.commit_id from show_log l where l.show_id = $1 and l.seq = show_ledger.seq), 0)::float8 as "commitId",
    (select coalesce(json_agg(b order by b."createdAt"), '[]') from (
       select ${bookingColumns} from booking where show_id = $1 and status in ('reserved', 'booked')) b) as bookings,
    (select coalesce(array_agg(seat), '{}') from show_seat where show_id = $1 and booking_id is null) as blocked,
    called_off as "calledOff",
    (select coalesce(json_agg(s), '[]') from (
       select payment_id as "paymentId", case when bool_or(kind = 'returned') then 'returned' else 'booked' end as as
       from refund where show_id = $1 group by payment_id) s) as settled,
    (select json_object_agg(line, l) from (
       select line, last_ticket as "lastTicket", version::float8 as version, hash, seed, lobby_size as "lobbySize",
         (select coalesce(json_agg(w order by w.ticket), '[]') from (${waiting}) w) as waiters,
         (select coalesce(json_agg(receipt order by ticket), '[]') from waiter
          where show_id = $1 and waiter.line = show_line.line and place is null and (lobby_size is null or exists (
            select from waiter w where w.show_id = $1 and w.line = show_line.line and w.waits and w.place is null))
         ) as "lobbyReceipts",
         (select coalesce(json_agg(e order by e.at), '[]') from (
            select served, count(*)::int as count, ${ms('max(at)')} as at
            from (select at, kind in ('offer', 'admit') as served from line_event
              where show_id = $1 and line_event.line = show_line.line and kind in ('offer', 'admit', 'leave', 'expire')
              order by n desc limit 20000) last_ones
            group by served, date_trunc('second', at) order by at desc limit 500) e) as recent
       from show_line where show_id = $1) l) as lines,
    (select coalesce(json_agg(s order by s."admittedAt"), '[]') from (
       select session_id as "sessionId", ${ms('admitted_at')} as "admittedAt", ${ms('until')} as until, ticket
       from shopper where show_id = $1 and is_inside) s) as shoppers,
    (select coalesce(json_agg(${ms('admitted_at')} order by admitted_at), '[]') from shopper
     where show_id = $1 and admitted_at > now() - interval '1 minute') as admissions,
    (select coalesce(json_agg(k order by k."createdAt"), '[]') from (
       select session_id as "sessionId", key, body_hash as "bodyHash", booking_id as "bookingId", null::jsonb as place,
         ${ms('created_at')} as "createdAt"
       from booking where show_id = $1 and key is not null and created_at > now() - $2 * interval '1 ms'
       union all
       select session_id, key, body_hash, null, jsonb_build_object('line', line, 'ticket', ticket, 'at', moment),
         ${ms('created_at')}
       from line_key where show_id = $1 and created_at > now() - $2 * interval '1 ms') k) as keys
    from show_ledger where show_id = $1`,
};

/**
 * What every commit of a show writes: `$1` show, `$2` seq, `$3` version, `$4` at, `$5` changes; `$6`–`$9` seats by
 * status; `$10`–`$12` taken seats' new rows (seat, status, booking); `$13`–`$25` new bookings by column, arrays of a
 * booking as text; `$26` the commit's id.
 *
 * New rows are inserted without "on conflict": the primary key refuses a seat taken twice.
 */
const additions = `ledger as (
      update show_ledger set seq = $2, commit_id = $26, version = $3, free = $6, held = $7, sold = $8, blocked = $9
      where show_id = $1 and seq = $2 - 1 returning 1
    ), logged as (
      insert into show_log (show_id, seq, version, at, changes, commit_id)
      values ($1, $2, $3, ${time('$4::float8')}, $5, $26)
    ), taken as (
      insert into show_seat (show_id, seat, status, booking_id)
      select $1, * from unnest($10::int[], $11::smallint[], $12::uuid[])
    ), added as (
      insert into booking (show_id, booking_id, session_id, status, seats, amounts, currency, substituted,
        created_at, expires_at, first_expires_at, first_version, version, key, body_hash, ticket,
        refund_terms)
      select $1, id, session, status, seats::int[], amounts::bigint[], currency, substituted,
        ${time('created')}, ${time('expires')}, ${time('expires')}, $3, $3, key, hash, ticket, refunds::jsonb
      from unnest($13::uuid[], $14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bool[],
        $20::float8[], $21::float8[], $22::text[], $23::text[], $24::int[], $25::text[])
        as b (id, session, status, seats, amounts, currency, substituted, created, expires, key, hash, ticket, refunds)
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
 * Any commit: as {@link writeAdditions}, and `$27`–`$29` rows of `show_seat` that change, `$30` freed seats, `$31`
 * expired and `$32` released bookings. Rows are found by "= any": a join with unnest is planned as a scan of all
 * bookings of the show, which a busy one has a hundred thousand of.
 */
export const write = {
  name: 'show-write',
  text: `with ${additions}, changed as (
      update show_seat set status = ($28::smallint[])[array_position($27::int[], seat)],
        booking_id = ($29::uuid[])[array_position($27::int[], seat)]
      where show_id = $1 and seat = any ($27::int[]) returning 1
    ), freed as (
      delete from show_seat where show_id = $1 and seat = any ($30::int[]) returning 1
    ), ended as (
      update booking set version = $3,
        status = case when booking_id = any ($31::uuid[]) then 'expired' else 'released' end
      where show_id = $1 and booking_id = any ($31::uuid[] || $32::uuid[]) returning 1
    )
    select (select count(*) from ledger)::int as ledger, (select count(*) from changed)::int as changed,
      (select count(*) from freed)::int as freed, (select count(*) from ended)::int as ended`,
};

/**
 * `$1` show, `$2` number of its changes, `$3` prices, `$4` currency, `$5` and `$6` when its sale opens (null: from the
 * beginning) and closes, `$7` rules, `$8` waiting room or null; `$9`–`$12` movie, hall, start and end, null where the show
 * does not move. In the transaction of the log's entry, so that a lane which opens finds in the catalog what the log says,
 * and of two changes the later one stays.
 */
export const writeTerms = {
  name: 'show-write-terms',
  text: `update show set terms_version = $2, prices = $3::jsonb, currency = $4, sale_opens_at = ${time('$5::float8')},
    sale_closes_at = ${time('$6::float8')}, rules = $7::jsonb, waiting_room = $8::jsonb,
    movie_id = coalesce($9::int, movie_id), hall_id = coalesce($10::int, hall_id),
    starts_at = coalesce(${time('$11::float8')}, starts_at), ends_at = coalesce(${time('$12::float8')}, ends_at)
    where id = $1`,
};

/** `$1` show, `$2` number of its changes, `$3` when it was called off, `$4` why. The first call-off stays. */
export const writeCallOff = {
  name: 'show-write-call-off',
  text: `update show set terms_version = $2, called_off_at = coalesce(called_off_at, ${time('$3::float8')}),
    called_off_reason = coalesce(called_off_reason, $4) where id = $1`,
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

/**
 * `$1` last eight digits of the booking's id, `$2` show or null for any, `$3` the booking after which the page begins or
 * null, `$4` how many. Newest first. The condition on payment is the one of the index `booking_by_code`.
 */
export const bookingsOfCode = {
  name: 'bookings-of-code',
  text: `select show_id as "showId", ${bookingColumns} from booking
    where right(booking_id::text, 8) = $1 and (payment_id is not null or status in ('booked', 'refunded'))
      and ($2::int is null or show_id = $2) and ($3::uuid is null or booking_id < $3)
    order by booking_id desc limit $4`,
};

/** `$1` show, `$2` booking. The revision of the booking's valid links. */
export const linkRevision = {
  name: 'booking-link-revision',
  text: `select coalesce(
    (select revision from booking_link where show_id = $1 and booking_id = $2), 0) as revision`,
};

/** `$1` show, `$2` booking. Revokes all links that were made so far. */
export const revokeLinks = {
  name: 'booking-links-revoke',
  text: `insert into booking_link as l (show_id, booking_id, revision) values ($1, $2, 1)
    on conflict (show_id, booking_id) do update set revision = l.revision + 1`,
};

/**
 * The clock, the shows with something to end by itself (holds whose time has come, and bookings of a show that was called
 * off), and when the next hold's time comes (null: no hold runs).
 */
export const dueShows = {
  name: 'shows-due',
  text: `select ${ms('now()')} as now,
    (select coalesce(array_agg(distinct show_id), '{}') from (
       (select show_id from booking where status = 'reserved' and expires_at <= now() order by expires_at limit 20000)
       union all select show_id from show_ledger where called_off and sold > 0) d
    ) as shows,
    (select ${ms('min(expires_at)')} from booking where status = 'reserved' and expires_at > now()) as next`,
};
