import type { LineName } from '@usher/contract';
import type { EndedWait, LinesCommit } from '../core/rows/show-commit.js';
import type { ShowCommit } from '../core/log/to-commit.js';
import { time } from './sql-fragments.js';
import type { RunStatement } from './statement.js';
import { requireRows } from './write-rows.js';

/**
 * Ends waits and stays: `$1` show, `$2` line tickets of the seat line, `$3` line tickets of the entry line, `$4`
 * sessions whose stay ends, `$5` the outcome of the waits, `$6` time.
 *
 * This statement runs before {@link additions}, which inserts a new row for a session that comes back in the same
 * commit. A unique index allows each session only one place at any moment.
 */
const endings = {
  name: 'line-ends',
  text: `with gone as (
      update waiter set waits = false, outcome = $5, ended_at = ${time('$6::float8')}
      where show_id = $1 and waits
        and (line = 'seats' and line_ticket = any ($2::int[]) or line = 'entry' and line_ticket = any ($3::int[]))
      returning 1
    ), ended as (
      update stay set is_inside = false where show_id = $1 and session_id = any ($4::uuid[]) and is_inside returning 1
    )
    select (select count(*) from gone)::int as gone, (select count(*) from ended)::int as ended`,
};

/**
 * Changes the outcome of waits that ended in an earlier commit. Its parameters are those of {@link endings} without the
 * stays.
 */
const lapses = {
  name: 'line-lapses',
  text: `update waiter set outcome = $4, ended_at = ${time('$5::float8')}
    where show_id = $1 and (line = 'seats' and line_ticket = any ($2::int[]) or line = 'entry' and line_ticket = any ($3::int[]))`,
};

/** Remembers that waiters for seats have passed the challenge: `$1` show, `$2` line tickets. */
const passes = {
  name: 'line-passes',
  text: `update waiter set has_passed_challenge = true
    where show_id = $1 and line = 'seats' and line_ticket = any ($2::int[])`,
};

/**
 * Stores idempotency keys of requests to join a line: `$1` show, `$2` time, `$3` sessions, `$4` keys, `$5` hashes of
 * their bodies, `$6` lines, `$7` line tickets, `$8` the state of the line, `$9` seq. A client may use a key again after a day, so
 * the statement overwrites an old row.
 */
const keyAdditions = {
  name: 'line-keys',
  text: `insert into line_key (show_id, session_id, key, body_hash, line, line_ticket, moment, created_at, seq)
    select $1, session, key, hash, line, ticket, moment::jsonb, ${time('$2::float8')}, $9::bigint
    from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[])
      as k (session, key, hash, line, ticket, moment)
    on conflict (show_id, session_id, key) do update set body_hash = excluded.body_hash, line = excluded.line,
      line_ticket = excluded.line_ticket, moment = excluded.moment, created_at = excluded.created_at,
      seq = excluded.seq`,
};

/**
 * Adds to the lines: `$1` show, `$2` seq, `$3` time; `$4` when the next time-driven change to the lines is due, `$5`
 * whether the show is called off; `$6`–`$10` changed lines; `$11`–`$15` events; `$16`–`$28` new line tickets;
 * `$29`–`$33` stays.
 */
const additions = {
  name: 'line-additions',
  text: `with ledger as (
      update show_ledger set lines_due_at = ${time('$4::float8')}, called_off = $5 where show_id = $1 returning 1
    ), lines as (
      update show_line set last_line_ticket = l.last_ticket, version = l.version, hash = l.hash, lobby_size = l.lobby_size
      from unnest($6::text[], $7::int[], $8::bigint[], $9::text[], $10::int[])
        as l (line, last_ticket, version, hash, lobby_size)
      where show_id = $1 and show_line.line = l.line returning 1
    ), events as (
      insert into line_event (show_id, line, n, at, kind, line_ticket, hash)
      select $1, line, n, ${time('$3::float8')}, kind, ticket, hash
      from unnest($11::text[], $12::bigint[], $13::text[], $14::int[], $15::text[]) as e (line, n, kind, ticket, hash)
    ), joined as (
      insert into waiter (show_id, line, line_ticket, place, session_id, party_size, tiers, kind, joined_at, expires_at,
        receipt, waits, outcome, ended_at, source, has_passed_challenge)
      select $1, line, ticket, place, session, party, tiers::jsonb, kind, ${time('$3::float8')}, ${time('expires')},
        receipt, waits, outcome, case when not waits then ${time('$3::float8')} end, source, passed
      from unnest($16::text[], $17::int[], $18::int[], $19::uuid[], $20::int[], $21::text[], $22::text[], $23::float8[],
        $24::text[], $25::bool[], $26::text[], $27::text[], $28::bool[])
        as w (line, ticket, place, session, party, tiers, kind, expires, receipt, waits, outcome, source, passed)
    ), entered as (
      insert into stay (show_id, seq, n, session_id, admitted_at, until, line_ticket, is_inside, source)
      select $1, $2, n, session, ${time('$3::float8')}, ${time('until')}, ticket, inside, source
      from unnest($29::uuid[], $30::float8[], $31::int[], $32::bool[], $33::text[]) with ordinality
        as s (session, until, ticket, inside, source, n)
    )
    select (select count(*) from ledger)::int as ledger, (select count(*) from lines)::int as lines`,
};

/**
 * Inserts one push message per subscription: `$1` show, `$2` types, `$3` sessions, `$4` bookings, `$5` expiry times.
 */
const pushAdditions = {
  name: 'line-pushes',
  text: `insert into push_message (show_id, session_id, endpoint_hash, type, booking_id, expires_at)
    select $1, p.session, s.endpoint_hash, p.type, p.booking, ${time('p.expires')}
    from unnest($2::text[], $3::uuid[], $4::uuid[], $5::float8[]) as p (type, session, booking, expires)
    join push_subscription s on s.session_id = p.session`,
};

/**
 * Writes the rows of a commit that belong to the lines.
 *
 * @throws StateMismatchError if the number of changed rows shows that the tables differ from the state in memory
 */
export async function writeLines(run: RunStatement, { showId, entry }: ShowCommit, lines: LinesCommit): Promise<void> {
  const { passedWaits, endedWaits, lapsedWaits, endedStays, changed } = lines;
  const subject = `lines of show ${showId}`;
  if (passedWaits.length > 0) await run({ ...passes, values: [showId, passedWaits] });
  const groups = groupByOutcome(endedWaits);
  // Each outcome needs one statement, and most commits have only one outcome. The first statement also ends the stays.
  if (groups.length === 0 && endedStays.length > 0) groups.push([]);
  for (const [index, waits] of groups.entries()) {
    const stays = index === 0 ? endedStays : [];
    const values = [showId, ...ticketsByLine(waits), stays, waits[0]?.outcome ?? null, entry.at];
    const { rows } = await run({ ...endings, values });
    requireRows(subject, { gone: waits.length, ended: stays.length }, rows[0]);
  }
  for (const waits of groupByOutcome(lapsedWaits)) {
    await run({ ...lapses, values: [showId, ...ticketsByLine(waits), waits[0]?.outcome, entry.at] });
  }
  const { rows } = await run({ ...additions, values: [showId, entry.seq, entry.at, ...additionValues(lines)] });
  requireRows(subject, { ledger: 1, lines: changed.length }, rows[0]);
  await writeKeys(run, showId, entry, lines);
  await writePushes(run, showId, lines);
}

async function writeKeys(
  run: RunStatement,
  showId: number,
  { at, seq }: ShowCommit['entry'],
  { keys }: LinesCommit,
): Promise<void> {
  if (keys.length === 0) return;
  const columns = [
    keys.map(({ sessionId }) => sessionId),
    keys.map(({ usedKey }) => usedKey.key),
    keys.map(({ usedKey }) => usedKey.bodyHash),
    keys.map(({ line }) => line),
    keys.map(({ lineTicket }) => lineTicket),
    keys.map(({ at: moment }) => JSON.stringify(moment)),
  ];
  await run({ ...keyAdditions, values: [showId, at, ...columns, seq] });
}

async function writePushes(run: RunStatement, showId: number, { pushes }: LinesCommit): Promise<void> {
  if (pushes.length === 0) return;
  const columns = [
    pushes.map(({ type }) => type),
    pushes.map(({ sessionId }) => sessionId),
    pushes.map(({ bookingId }) => bookingId),
    pushes.map(({ expiresAt }) => expiresAt),
  ];
  await run({ ...pushAdditions, values: [showId, ...columns] });
}

/** Lists the parameters of {@link additions} in their order, from `$4` on. */
function additionValues({ dueAt, calledOff, changed, events, joined, newStays }: LinesCommit): unknown[] {
  return [
    dueAt,
    calledOff,
    changed.map(({ line }) => line),
    changed.map(({ lastTicket }) => lastTicket),
    changed.map(({ version }) => version),
    changed.map(({ hash }) => hash),
    changed.map(({ lobbySize }) => lobbySize),
    events.map(({ line }) => line),
    events.map(({ n }) => n),
    events.map(({ kind }) => kind),
    events.map(({ lineTicket }) => lineTicket),
    events.map(({ hash }) => hash),
    joined.map(({ line }) => line),
    joined.map(({ lineTicket }) => lineTicket),
    joined.map(({ place }) => place),
    joined.map(({ sessionId }) => sessionId),
    joined.map(({ partySize }) => partySize),
    joined.map(({ tiers }) => tiers && JSON.stringify(tiers)),
    joined.map(({ kind }) => kind),
    joined.map(({ expiresAt }) => expiresAt),
    joined.map(({ receipt }) => receipt),
    joined.map(({ waits }) => waits),
    joined.map(({ outcome }) => outcome),
    joined.map(({ source }) => source),
    joined.map(({ hasPassedChallenge }) => hasPassedChallenge),
    newStays.map(({ sessionId }) => sessionId),
    newStays.map(({ until }) => until),
    newStays.map(({ lineTicket }) => lineTicket),
    newStays.map(({ isInside }) => isInside),
    newStays.map(({ source }) => source),
  ];
}

function groupByOutcome(waits: readonly EndedWait[]): EndedWait[][] {
  const groups = new Map<string, EndedWait[]>();
  for (const wait of waits) {
    const group = groups.get(wait.outcome);
    if (group) group.push(wait);
    else groups.set(wait.outcome, [wait]);
  }
  return [...groups.values()];
}

/** Returns the line tickets of the seat line, and those of the entry line. */
function ticketsByLine(waits: readonly EndedWait[]): [number[], number[]] {
  const of = (name: LineName) => waits.flatMap(({ line, lineTicket }) => (line === name ? lineTicket : []));
  return [of('seats'), of('entry')];
}
