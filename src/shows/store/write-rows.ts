import { isDeepStrictEqual } from 'node:util';
import { toStoredChanges } from '../core/log/stored-entry.js';
import type { SeatRow } from '../core/rows/show-commit.js';
import type { ShowCommit } from '../core/log/to-commit.js';
import { StateMismatchError } from './show-store.js';
import { time } from './sql-fragments.js';
import { arrayText, type RunStatement, type Statement } from './statement.js';

/**
 * The part that all commits write: `$1` show, `$2` seq, `$3` version, `$4` time, `$5` changes; `$6`–`$9` seats by
 * status; `$10`–`$12` new rows of taken seats (seat, status, booking); `$13`–`$26` new bookings by column, with each
 * array as text; `$27` the id of the commit.
 *
 * The inserts have no "on conflict" clause, so the primary key refuses a seat that is taken twice.
 */
const additions = `ledger as (
      update show_ledger set seq = $2, commit_id = $27, version = $3, free = $6, held = $7, sold = $8, blocked = $9
      where show_id = $1 and seq = $2 - 1 returning 1
    ), logged as (
      insert into show_log (show_id, seq, version, at, changes, commit_id)
      values ($1, $2, $3, ${time('$4::float8')}, $5, $27)
    ), taken as (
      insert into show_seat (show_id, seat, status, booking_id)
      select $1, * from unnest($10::int[], $11::smallint[], $12::uuid[])
    ), added as (
      insert into booking (show_id, booking_id, session_id, status, seats, amounts, currency, substituted,
        created_at, expires_at, first_expires_at, first_version, version, key, body_hash, line_ticket,
        refund_terms, source)
      select $1, id, session, status, seats::int[], amounts::bigint[], currency, substituted,
        ${time('created')}, ${time('expires')}, ${time('expires')}, $3, $3, key, hash, ticket, refunds::jsonb, source
      from unnest($13::uuid[], $14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bool[],
        $20::float8[], $21::float8[], $22::text[], $23::text[], $24::int[], $25::text[], $26::text[])
        as b (id, session, status, seats, amounts, currency, substituted, created, expires, key, hash, ticket, refunds,
          source)
    )`;

/** Writes a commit that only adds rows. On a busy show, most commits do only that. */
const writeOnlyAdditions = {
  name: 'show-write-additions',
  text: `with ${additions}
    select (select count(*) from ledger)::int as ledger, 0 as changed, 0 as freed, 0 as ended`,
};

/**
 * Writes any commit. Its parameters are those of {@link additions}, and in addition: `$28`–`$30` rows of `show_seat`
 * that change, `$31` freed seats, `$32` expired and `$33` released bookings.
 *
 * The statement finds rows by "= any" and not by a join with unnest. PostgreSQL plans such a join as a scan of all
 * bookings of the show, and a busy show has a hundred thousand bookings.
 */
const writeAll = {
  name: 'show-write',
  text: `with ${additions}, changed as (
      update show_seat set status = ($29::smallint[])[array_position($28::int[], seat)],
        booking_id = ($30::uuid[])[array_position($28::int[], seat)]
      where show_id = $1 and seat = any ($28::int[]) returning 1
    ), freed as (
      delete from show_seat where show_id = $1 and seat = any ($31::int[]) returning 1
    ), ended as (
      update booking set version = $3,
        status = case when booking_id = any ($32::uuid[]) then 'expired' else 'released' end
      where show_id = $1 and booking_id = any ($32::uuid[] || $33::uuid[]) returning 1
    )
    select (select count(*) from ledger)::int as ledger, (select count(*) from changed)::int as changed,
      (select count(*) from freed)::int as freed, (select count(*) from ended)::int as ended`,
};

/**
 * Writes the ledger, the log entry, the seats and the bookings of a commit with one statement.
 *
 * @returns the numbers of changed rows, for {@link requireRows}
 */
export async function writeRows(run: RunStatement, commit: ShowCommit): Promise<unknown> {
  const { rows } = await run(writeStatement(commit));
  return rows[0];
}

/** Returns the numbers of rows that {@link writeRows} must change. */
export const expectedRows = ({ seats, ended }: ShowCommit): object => ({
  ledger: 1,
  changed: seats.updated.length,
  freed: seats.deleted.length,
  ended: ended.length,
});

/** @throws StateMismatchError if the number of changed rows is not the one that follows from the state in memory */
export function requireRows(subject: string, expected: object, found: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  const [wanted, actual] = [expected, found].map((counts) => JSON.stringify(counts));
  throw new StateMismatchError(`${subject}: the statement changed rows ${actual} instead of ${wanted}`);
}

function writeStatement(commit: ShowCommit): Statement {
  const { ended, seats } = commit;
  const onlyAdds = seats.updated.length + seats.deleted.length + ended.length === 0;
  if (onlyAdds) return { ...writeOnlyAdditions, values: additionValues(commit) };
  const changed = [
    ...seatColumns(seats.updated),
    seats.deleted,
    ended.flatMap(({ bookingId, status }) => (status === 'expired' ? [bookingId] : [])),
    ended.flatMap(({ bookingId, status }) => (status === 'released' ? [bookingId] : [])),
  ];
  return { ...writeAll, values: [...additionValues(commit), ...changed] };
}

/** Lists the parameters of {@link additions} in their order. */
function additionValues({ showId, entry, added, seats, counts }: ShowCommit): unknown[] {
  return [
    showId,
    entry.seq,
    entry.version,
    entry.at,
    JSON.stringify(toStoredChanges(entry)),
    counts.free,
    counts.held,
    counts.sold,
    counts.blocked,
    ...seatColumns(seats.inserted),
    added.map(({ bookingId }) => bookingId),
    added.map(({ sessionId }) => sessionId),
    added.map(({ status }) => status),
    added.map((booking) => arrayText(booking.seats)),
    added.map((booking) => arrayText(booking.amounts)),
    added.map(({ currency }) => currency),
    added.map(({ substituted }) => substituted),
    added.map(({ createdAt }) => createdAt),
    added.map(({ expiresAt }) => expiresAt),
    added.map(({ usedKey }) => usedKey?.key ?? null),
    added.map(({ usedKey }) => usedKey?.bodyHash ?? null),
    added.map(({ lineTicket }) => lineTicket),
    added.map(({ refundTerms }) => refundTerms && JSON.stringify(refundTerms)),
    added.map(({ source }) => source),
    entry.commitId,
  ];
}

const seatColumns = (rows: readonly SeatRow[]): unknown[] => [
  rows.map(({ seat }) => seat),
  rows.map(({ status }) => status),
  rows.map(({ bookingId }) => bookingId),
];
