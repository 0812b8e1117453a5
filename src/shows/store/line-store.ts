import { isDeepStrictEqual } from 'node:util';
import type { LineName } from '@usher/contract';
import * as sql from './line-sql.js';
import { type EndedWait, type LinesCommit, type ShowCommit, StateMismatchError } from './show-store.js';

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

type Query = (statement: Statement) => Promise<{ rows: unknown[] }>;

/** Writes what a commit does to the lines. @throws StateMismatchError when the rows are not as the lane's state says */
export async function writeLines(query: Query, { showId, entry }: ShowCommit, lines: LinesCommit): Promise<void> {
  const { gone, lapsed, ended, changed, pushes, keys } = lines;
  const groups = byOutcome(gone);
  // In most commits all waits have one outcome, so the stays that end go along with the first.
  if (groups.length === 0 && ended.length > 0) groups.push([]);
  for (const [index, waits] of groups.entries()) {
    const stays = index === 0 ? ended : [];
    const values = [showId, ...ticketsByLine(waits), stays, waits[0]?.outcome ?? null, entry.at];
    expectRows(showId, await query({ ...sql.lineEnds, values }), { gone: waits.length, ended: stays.length });
  }
  for (const waits of byOutcome(lapsed)) {
    await query({ ...sql.lineLapses, values: [showId, ...ticketsByLine(waits), waits[0]?.outcome, entry.at] });
  }
  const written = await query({ ...sql.lineAdditions, values: [showId, entry.seq, entry.at, ...additions(lines)] });
  expectRows(showId, written, { ledger: 1, lines: changed.length });
  if (keys.length > 0) {
    const columns = [
      keys.map(({ sessionId }) => sessionId),
      keys.map(({ usedKey }) => usedKey.key),
      keys.map(({ usedKey }) => usedKey.bodyHash),
      keys.map(({ line }) => line),
      keys.map(({ ticket }) => ticket),
      keys.map(({ at }) => JSON.stringify(at)),
    ];
    await query({ ...sql.lineKeys, values: [showId, entry.at, ...columns] });
  }
  if (pushes.length > 0) {
    const columns = [
      pushes.map(({ type }) => type),
      pushes.map(({ sessionId }) => sessionId),
      pushes.map(({ bookingId }) => bookingId),
      pushes.map(({ expiresAt }) => expiresAt),
    ];
    await query({ ...sql.linePushes, values: [showId, ...columns] });
  }
}

/** In the order of {@link sql.lineAdditions}' parameters, from `$4` on. */
function additions({ dueAt, calledOff, changed, events, joined, entered }: LinesCommit): unknown[] {
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
    events.map(({ ticket }) => ticket),
    events.map(({ hash }) => hash),
    joined.map(({ line }) => line),
    joined.map(({ ticket }) => ticket),
    joined.map(({ place }) => place),
    joined.map(({ sessionId }) => sessionId),
    joined.map(({ partySize }) => partySize),
    joined.map(({ tiers }) => tiers && JSON.stringify(tiers)),
    joined.map(({ kind }) => kind),
    joined.map(({ expiresAt }) => expiresAt),
    joined.map(({ receipt }) => receipt),
    joined.map(({ waits }) => waits),
    joined.map(({ outcome }) => outcome),
    entered.map(({ sessionId }) => sessionId),
    entered.map(({ until }) => until),
    entered.map(({ ticket }) => ticket),
    entered.map(({ isInside }) => isInside),
  ];
}

function byOutcome(waits: readonly EndedWait[]): EndedWait[][] {
  const groups = new Map<string, EndedWait[]>();
  for (const wait of waits) {
    const group = groups.get(wait.outcome);
    if (group) group.push(wait);
    else groups.set(wait.outcome, [wait]);
  }
  return [...groups.values()];
}

/** The tickets of the seat line, and those of the entry line. */
function ticketsByLine(waits: readonly EndedWait[]): [number[], number[]] {
  const of = (name: LineName) => waits.flatMap(({ line, ticket }) => (line === name ? ticket : []));
  return [of('seats'), of('entry')];
}

function expectRows(showId: number, { rows }: { rows: unknown[] }, expected: object): void {
  if (isDeepStrictEqual(rows[0], expected)) return;
  const [were, instead] = [expected, rows[0]].map((counts) => JSON.stringify(counts));
  throw new StateMismatchError(`show ${showId}: rows ${were} of the lines were expected, ${instead} were found`);
}
