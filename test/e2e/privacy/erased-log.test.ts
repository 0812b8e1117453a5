import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { pseudonymOf } from '../../../src/shows/store/pseudonym.js';
import { SessionRecords } from '../../../src/shows/store/session-records.repository.js';
import { enter } from '../../simulation/fixtures/commands.js';
import { digestOf } from '../../simulation/reference/digest.js';
import { useDatabase } from '../../support/database.js';
import { tablesWith } from '../../support/database-text.js';
import { openLane, plainTerms } from '../../support/lanes.js';
import { makeShow } from '../../support/show.js';

const database = useDatabase();

/** Opens lanes on a metered show, as several nodes would. */
async function openNodes(count: number) {
  const showId = await makeShow(database.pool);
  const waitingRoom = { mode: 'on', maxShoppers: 5, admitPerMinute: null, shopMs: 60_000 } as const;
  const terms = { ...plainTerms(showId), waitingRoom };
  const nodes = [];
  for (let node = 0; node < count; node++) nodes.push(await openLane(terms, database.pool));
  return { showId, terms, nodes };
}

describe('the erasure of a session from the log of a show', () => {
  it('makes a node that missed it read the tables, so that the node keeps no ended stay', async () => {
    const { showId, terms, nodes } = await openNodes(2);
    const [erasing, late] = [nodes[0]!, nodes[1]!];
    const sessionId = uuidv7();
    await erasing.lane.submit(enter(sessionId));
    await late.lane.catchUp();
    expect(late.lane.isInside(sessionId)).toBe(true);

    const pseudonym = pseudonymOf('salt', sessionId);
    const outcome = await erasing.lane.submit({ type: 'eraseSession', sessionId, pseudonym, codesErasedAt: Infinity });
    if (outcome.type !== 'erased') throw new Error('the lane refused the erasure');
    const { lastSeq } = outcome;
    await new SessionRecords(database.pool).replace(showId, { sessionId, pseudonym }, { since: 0, lastSeq });
    expect(await tablesWith(database.pool, [sessionId])).toEqual([]);

    await late.lane.catchUp();
    expect(late.lane.isInside(sessionId)).toBe(false);
    const { lane: fresh } = await openLane(terms, database.pool);
    expect(digestOf(late.lane.state)).toBe(digestOf(fresh.state));
    expect(digestOf(erasing.lane.state)).toBe(digestOf(fresh.state));
  });

  it('covers a log of many pages, and leaves other sessions alone', async () => {
    const { showId, nodes } = await openNodes(1);
    const { lane } = nodes[0]!;
    const [erased, other] = [uuidv7(), uuidv7()];
    await lane.submit(enter(erased));
    await lane.submit(enter(other));
    // More entries than one statement searches lie between the session's entries.
    await database.pool.query(
      `with moved as (update show_log set seq = 5000 where show_id = $1 and seq = 2)
       update show_ledger set seq = 5000 where show_id = $1`,
      [showId],
    );
    await database.pool.query(
      `insert into show_log (show_id, seq, version, at, changes, commit_id)
       select $1, n, 0, now(), '[]', n from generate_series(2, 4999) n`,
      [showId],
    );
    const pseudonym = pseudonymOf('salt', erased);
    const records = new SessionRecords(database.pool);
    await records.replace(showId, { sessionId: erased, pseudonym }, { since: 0, lastSeq: 5000 });
    const { rows } = await database.pool.query<{ changes: string }>(
      `select changes::text from show_log where show_id = $1 and changes <> '[]' order by seq`,
      [showId],
    );
    expect(rows[0]!.changes).toContain(pseudonym);
    expect(rows[1]!.changes).toContain(other);
    expect(rows.map(({ changes }) => changes).join('')).not.toContain(erased);
  });
});
