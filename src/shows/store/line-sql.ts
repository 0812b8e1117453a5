/** Every statement on the tables of the lines. They are run under the show's lock, after the commit's own statement. */

const time = (value: string): string => `(timestamptz 'epoch' + ${value} * interval '1 ms')`;
const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

/**
 * Waits and stays that end: `$1` show, `$2` tickets of the seat line and `$3` of the entry line that waited, `$4`
 * sessions that were inside, `$5` what became of the tickets, `$6` at. A statement of its own before {@link lineAdditions}: whoever comes back in the same commit gets a new row, and
 * the indexes that allow a session one place look at each row as it comes. Answers the counts of what was found.
 */
export const lineEnds = {
  name: 'line-ends',
  text: `with gone as (
      update waiter set waits = false, outcome = $5, ended_at = ${time('$6::float8')}
      where show_id = $1 and waits and (line = 'seats' and ticket = any ($2::int[]) or line = 'entry' and ticket = any ($3::int[]))
      returning 1
    ), ended as (
      update shopper set is_inside = false where show_id = $1 and session_id = any ($4::uuid[]) and is_inside returning 1
    )
    select (select count(*) from gone)::int as gone, (select count(*) from ended)::int as ended`,
};

/** Tickets whose wait ended before and whose offer or admission lapsed now: as {@link lineEnds}, without stays. */
export const lineLapses = {
  name: 'line-lapses',
  text: `update waiter set outcome = $4, ended_at = ${time('$5::float8')}
    where show_id = $1 and (line = 'seats' and ticket = any ($2::int[]) or line = 'entry' and ticket = any ($3::int[]))`,
};

/**
 * Idempotency keys of joins: `$1` show, `$2` at, `$3` sessions, `$4` keys, `$5` hashes of their bodies, `$6` lines, `$7`
 * tickets, `$8` how the line was. A key that is older than a day is forgotten, and may be used anew.
 */
export const lineKeys = {
  name: 'line-keys',
  text: `insert into line_key (show_id, session_id, key, body_hash, line, ticket, moment, created_at)
    select $1, session, key, hash, line, ticket, moment::jsonb, ${time('$2::float8')}
    from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[])
      as k (session, key, hash, line, ticket, moment)
    on conflict (show_id, session_id, key) do update set body_hash = excluded.body_hash, line = excluded.line,
      ticket = excluded.ticket, moment = excluded.moment, created_at = excluded.created_at`,
};

/** Forgets keys that are older than `$1` ms, `$2` of them at most. */
export const forgetLineKeys = {
  name: 'line-forget-keys',
  text: `delete from line_key where ctid = any (array(
    select ctid from line_key where created_at < now() - $1 * interval '1 ms' order by created_at limit $2))`,
};

/** One ticket under the names of `Waiter`, with its place as it was given: `$1` show, `$2` line, `$3` ticket. */
export const waiterOf = {
  name: 'line-waiter',
  text: `select line, ticket, place, session_id as "sessionId", party_size as "partySize", tiers, kind,
      ${ms('joined_at')} as "joinedAt", ${ms('expires_at')} as "expiresAt", receipt
    from waiter where show_id = $1 and line = $2 and ticket = $3`,
};

/** What became of the wait of `$2`'s that ended last in show `$1`, and what of it is left: the booking, the stay. */
export const lastWait = {
  name: 'line-last-wait',
  text: `select w.line, w.ticket, w.outcome, ${ms('w.ended_at')} as "endedAt",
      (select booking_id from booking b where b.show_id = $1 and b.session_id = $2 and w.line = 'seats'
        and b.ticket = w.ticket limit 1) as "bookingId",
      (select ${ms('until')} from shopper s where s.show_id = $1 and s.session_id = $2 and s.is_inside) as until,
      (select called_off from show_ledger where show_id = $1) as "calledOff"
    from (select null) one
    left join lateral (
      select line, ticket, outcome, ended_at from waiter
      where show_id = $1 and session_id = $2 and not waits order by ended_at desc nulls last, joined_at desc limit 1
    ) w on true`,
};

/**
 * What the lines gain: `$1` show, `$2` seq, `$3` at; `$4` when time gives them something to do, `$5` whether the show is called off;
 * `$6`–`$10` lines as they are now; `$11`–`$15` events; `$16`–`$26` new tickets; `$27`–`$30` stays.
 */
export const lineAdditions = {
  name: 'line-additions',
  text: `with ledger as (
      update show_ledger set lines_due_at = ${time('$4::float8')}, called_off = $5 where show_id = $1 returning 1
    ), lines as (
      update show_line set last_ticket = l.last_ticket, version = l.version, hash = l.hash, lobby_size = l.lobby_size
      from unnest($6::text[], $7::int[], $8::bigint[], $9::text[], $10::int[])
        as l (line, last_ticket, version, hash, lobby_size)
      where show_id = $1 and show_line.line = l.line returning 1
    ), events as (
      insert into line_event (show_id, line, n, at, kind, ticket, hash)
      select $1, line, n, ${time('$3::float8')}, kind, ticket, hash
      from unnest($11::text[], $12::bigint[], $13::text[], $14::int[], $15::text[]) as e (line, n, kind, ticket, hash)
    ), joined as (
      insert into waiter (show_id, line, ticket, place, session_id, party_size, tiers, kind, joined_at, expires_at,
        receipt, waits, outcome, ended_at)
      select $1, line, ticket, place, session, party, tiers::jsonb, kind, ${time('$3::float8')}, ${time('expires')},
        receipt, waits, outcome, case when not waits then ${time('$3::float8')} end
      from unnest($16::text[], $17::int[], $18::int[], $19::uuid[], $20::int[], $21::text[], $22::text[], $23::float8[],
        $24::text[], $25::bool[], $26::text[])
        as w (line, ticket, place, session, party, tiers, kind, expires, receipt, waits, outcome)
    ), entered as (
      insert into shopper (show_id, seq, n, session_id, admitted_at, until, ticket, is_inside)
      select $1, $2, n, session, ${time('$3::float8')}, ${time('until')}, ticket, inside
      from unnest($27::uuid[], $28::float8[], $29::int[], $30::bool[]) with ordinality
        as s (session, until, ticket, inside, n)
    )
    select (select count(*) from ledger)::int as ledger, (select count(*) from lines)::int as lines`,
};

/** A message for each subscription of the sessions: `$1` show, `$2` types, `$3` sessions, `$4` bookings, `$5` ends. */
export const linePushes = {
  name: 'line-pushes',
  text: `insert into push_message (show_id, session_id, endpoint_hash, type, booking_id, expires_at)
    select $1, p.session, s.endpoint_hash, p.type, p.booking, ${time('p.expires')}
    from unnest($2::text[], $3::uuid[], $4::uuid[], $5::float8[]) as p (type, session, booking, expires)
    join push_subscription s on s.session_id = p.session`,
};

/**
 * Entries of a chain: `$1` show, `$2` line, `$3` the entry before the first, `$4` how many; and how many the line's shuffle
 * placed. One statement, so that no page has a shuffle whose size is not known, or a size without its shuffle.
 */
export const chain = {
  name: 'line-chain',
  text: `select seed, lobby_size as "lobbySize",
      (select coalesce(json_agg(e order by e.n), '[]') from (
         select n::float8 as n, ${ms('at')} as at, line_event.kind, line_event.ticket, line_event.hash,
           case when line_event.kind = 'join' then waiter.receipt end as receipt
         from line_event
         left join waiter on waiter.show_id = $1 and waiter.line = $2 and waiter.ticket = line_event.ticket
         where line_event.show_id = $1 and line_event.line = $2 and n > $3 order by n limit $4) e) as entries
    from show_line where show_id = $1 and line = $2`,
};

/**
 * Takes on shows whose lines time gave something to do `$1` ms ago or earlier, the longest due first, `$2` of them at most,
 * for `$3` ms: after that they are another's to take. One whose lock somebody has is being seen to.
 */
export const claimLines = {
  name: 'line-claims',
  text: `with due as materialized (
      select show_id from show_ledger where lines_due_at <= clock_timestamp() - $1 * interval '1 ms'
      order by lines_due_at limit $2 for update skip locked
    )
    update show_ledger set lines_due_at = clock_timestamp() + $3 * interval '1 ms'
    from due where show_ledger.show_id = due.show_id
    returning show_ledger.show_id as "showId"`,
};

/** `$1` show, `$2` how far its log is at most, `$3` when time gives its lines something to do. */
export const linesDue = {
  name: 'line-due',
  text: `update show_ledger set lines_due_at = ${time('$3::float8')} where show_id = $1 and seq = $2`,
};

/**
 * Sessions are here: `$1` shows, `$2` sessions, `$3` for how many ms from now they count as here. In the order of the
 * keys, so that two nodes that see the same sessions do not wait for each other in a circle.
 */
export const seen = {
  name: 'line-seen',
  text: `insert into presence (show_id, session_id, gone_at, seen_at)
    select show, session, now() + $3 * interval '1 ms', now()
    from unnest($1::int[], $2::uuid[]) as s (show, session)
    group by show, session order by show, session
    on conflict (show_id, session_id) do update set gone_at = excluded.gone_at, seen_at = excluded.seen_at`,
};

const goneShopper = `select show_id as "showId", session_id as "sessionId", ${ms('admitted_at')} as "admittedAt",
  coalesce(seen_at >= admitted_at, false) as appeared`;

const isGone = `is_inside and greatest(gone_at, admitted_at + $1 * interval '1 ms') <= now()`;

/** Stays of sessions that are gone: `$1` how many ms after its admission a session that never came counts as gone. */
export const goneShoppers = {
  name: 'line-gone-shoppers',
  text: `${goneShopper} from shopper left join presence using (show_id, session_id) where ${isGone}`,
};

/**
 * {@link goneShoppers} that are gone since `$2` ms at most: reads only those whose time came then. With 200,000 inside, and
 * 200 a second who leave, 20 ms for the last ten seconds' against 400 ms for all.
 */
export const justGoneShoppers = {
  name: 'line-just-gone-shoppers',
  text: `${goneShopper} from (
      select show_id, session_id from presence where gone_at > now() - $2 * interval '1 ms' and gone_at <= now()
      union
      select show_id, session_id from shopper where is_inside
        and admitted_at > now() - ($1 + $2) * interval '1 ms' and admitted_at <= now() - $1 * interval '1 ms'
    ) suspect
    join shopper using (show_id, session_id) left join presence using (show_id, session_id) where ${isGone}`,
};

/** Marks of sessions that have been gone for an hour: nobody asks for them again. */
export const forgetGone = {
  name: 'line-forget-gone',
  text: `delete from presence where gone_at < now() - interval '1 hour'`,
};
