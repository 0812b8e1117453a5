import { toEpochMs } from '../../database/sql-time.js';
import { bookingColumns, entryColumns, waiterColumns } from './sql-fragments.js';

/**
 * The SQL statements with which lanes read or lock a show, one per constant. A connection prepares a named statement
 * only once. A prepared statement takes 0.05 ms of CPU, whereas MikroORM's unit of work takes 1.2 ms for the same
 * transaction.
 */

/**
 * Begins a transaction with time limits: 2 s for the lock, 5 s for a statement, and 5 s between statements. So if a
 * node freezes while it has the lock, it loses the lock. The limits are not set on the connection, because a pooler may
 * share the connection.
 *
 * The transaction uses generic plans, which PostgreSQL makes only once. When each reservation planned its write anew, a
 * single reservation took 1.14 ms instead of 0.92 ms (medians of 750 alternating runs). The write finds rows by primary
 * keys, so its plan does not depend on the parameters.
 */
export const begin =
  "begin; set local lock_timeout = '2s'; set local statement_timeout = '5s';" +
  " set local idle_in_transaction_session_timeout = '5s';" +
  " set local plan_cache_mode = 'force_generic_plan'";

/**
 * Returns the statement that locks the ledger of a show. The statement reads the clock outside the locked scan, so the
 * clock is read when the lock is taken and not when the wait begins. The id is part of the text, because a message with
 * several statements, such as {@link begin} and this one, cannot have parameters.
 */
export const lock = (showId: number): string => {
  if (!Number.isSafeInteger(showId)) throw new TypeError('a show id must be an integer');
  return `with locked as materialized (select seq, commit_id from show_ledger where show_id = ${showId} for update)
    select seq::float8 as seq, commit_id::float8 as "commitId", ${toEpochMs('clock_timestamp()')} as now from locked`;
};

/** `$1` show, `$2` seq. Selects all later entries, and the entry with that seq without its changes. */
export const entriesFrom = {
  name: 'show-entries-from',
  text: `select ${entryColumns}, case when seq > $2 then changes else '[]' end as changes,
      is_rewritten as "isRewritten"
    from show_log where show_id = $1 and seq >= $2 order by seq`,
};

/** `$1` shows. Selects the position of the last commit of each show. */
export const positions = {
  name: 'show-positions',
  text: `select show_id as "showId", seq::float8 as seq, commit_id::float8 as "commitId"
    from show_ledger where show_id = any ($1::int[])`,
};

/**
 * `$1` show, `$2` number of seats, `$3` seed of its lobby's shuffle, `$4` hash before the first entry of a chain.
 * Inserts the rows that are missing.
 */
export const createLedger = {
  name: 'show-make-ledger',
  text: `with ledger as (
      insert into show_ledger (show_id, free) values ($1, $2) on conflict do nothing
    )
    insert into show_line (show_id, line, seed, hash) values ($1, 'seats', null, $4), ($1, 'entry', $3, $4)
    on conflict do nothing`,
};

const bookings = `select ${bookingColumns} from booking where show_id = $1 and status in ('reserved', 'booked')`;

const settledPayments = `
  select payment_id as "paymentId", case when bool_or(kind = 'returned') then 'returned' else 'booked' end as as
  from refund where show_id = $1 group by payment_id`;

const lobbyReceipts = `
  select coalesce(json_agg(receipt order by line_ticket), '[]') from waiter
  where show_id = $1 and waiter.line = show_line.line and place is null and (lobby_size is null or exists (
    select from waiter w where w.show_id = $1 and w.line = show_line.line and w.waits and w.place is null))`;

/** How many waits ended in each of the last seconds. A line calculates its pace from these counts. */
const recentEnds = `
  select served, count(*)::int as count, ${toEpochMs('max(at)')} as at
  from (select at, kind in ('offer', 'admit') as served from line_event
    where show_id = $1 and line_event.line = show_line.line and kind in ('offer', 'admit', 'leave', 'expire')
    order by n desc limit 20000) last_ones
  group by served, date_trunc('second', at) order by at desc limit 500`;

const lines = `
  select line, last_line_ticket as "lastTicket", version::float8 as version, hash, seed, lobby_size as "lobbySize",
    (select coalesce(json_agg(w order by w."lineTicket"), '[]') from (
       select ${waiterColumns} from waiter where show_id = $1 and waiter.line = show_line.line and waits) w) as waiters,
    (${lobbyReceipts}) as "lobbyReceipts",
    (select coalesce(json_agg(e order by e.at), '[]') from (${recentEnds}) e) as recent
  from show_line where show_id = $1`;

const stays = `
  select session_id as "sessionId", ${toEpochMs('admitted_at')} as "admittedAt", ${toEpochMs('until')} as until, line_ticket as "lineTicket", source
  from stay where show_id = $1 and is_inside`;

/** The idempotency keys that made a booking, and those that got a place in line. */
const keys = `
  select session_id as "sessionId", key, body_hash as "bodyHash", booking_id as "bookingId", null::jsonb as place,
    ${toEpochMs('created_at')} as "createdAt"
  from booking where show_id = $1 and key is not null and created_at > now() - $2 * interval '1 ms'
  union all
  select session_id, key, body_hash, null, jsonb_build_object('line', line, 'lineTicket', line_ticket, 'at', moment),
    ${toEpochMs('created_at')}
  from line_key where show_id = $1 and created_at > now() - $2 * interval '1 ms'`;

/**
 * `$1` show, `$2` maximum age in ms of the idempotency keys to read. One statement reads all parts, so all parts are
 * from the same moment. A seat is blocked if its row has no booking.
 */
export const load = {
  name: 'show-load',
  text: `select seq::float8 as seq, version::float8 as version,
    coalesce((select l.commit_id from show_log l where l.show_id = $1 and l.seq = show_ledger.seq), 0)::float8
      as "commitId",
    (select coalesce(json_agg(b order by b."createdAt"), '[]') from (${bookings}) b) as bookings,
    (select coalesce(array_agg(seat), '{}') from show_seat where show_id = $1 and booking_id is null) as blocked,
    called_off as "calledOff",
    (select coalesce(json_agg(s), '[]') from (${settledPayments}) s) as settled,
    (select json_object_agg(line, l) from (${lines}) l) as lines,
    (select coalesce(json_agg(s order by s."admittedAt"), '[]') from (${stays}) s) as stays,
    (select coalesce(json_agg(${toEpochMs('admitted_at')} order by admitted_at), '[]') from stay
     where show_id = $1 and admitted_at > now() - interval '1 minute') as admissions,
    (select coalesce(json_agg(k order by k."createdAt"), '[]') from (${keys}) k) as keys
    from show_ledger where show_id = $1`,
};
