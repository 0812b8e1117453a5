import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { AnnouncedCommit } from '../../src/shows/core/changes/show-log.js';
import type { ShowAdvance, ShowLane } from '../../src/shows/lane/show-lane.js';
import { OtherHistoryError } from '../../src/shows/store/show-store.js';
import { digestOf } from '../simulation/oracle/digest.js';
import { fileDatabase } from '../support/database.js';
import { openLane, plainTerms } from '../support/lanes.js';
import { reserve } from '../support/line-nodes.js';
import { makeShow } from '../support/show.js';

const database = fileDatabase();

/** The tables that a reservation writes, in an order in which they can be filled. */
const tables = ['show_ledger', 'show_log', 'booking', 'show_seat'];

/** A show's rows as they are now. @returns what puts them back, as a restore of a backup does */
async function backUp(pool: Pool, showId: number): Promise<() => Promise<void>> {
  const saved: { table: string; rows: string }[] = [];
  for (const table of tables) {
    const text = `select coalesce(json_agg(t), '[]')::text as rows from ${table} t where show_id = $1`;
    const { rows } = await pool.query<{ rows: string }>(text, [showId]);
    saved.push({ table, rows: rows[0]!.rows });
  }
  return async () => {
    for (const table of tables.toReversed()) await pool.query(`delete from ${table} where show_id = $1`, [showId]);
    for (const { table, rows } of saved) {
      await pool.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [rows]);
    }
  };
}

interface Node {
  readonly lane: ShowLane;
  readonly failures: unknown[];
  readonly advances: ShowAdvance[];
  readonly committed: AnnouncedCommit[];
  sell(...seats: number[]): Promise<void>;
}

async function openNode(showId: number): Promise<Node> {
  const advances: ShowAdvance[] = [];
  const committed: AnnouncedCommit[] = [];
  const { lane, failures } = await openLane(plainTerms(showId), database.pool, {
    advanced: (advance) => {
      advances.push(advance);
      if (advance.committed) committed.push(advance.committed);
    },
  });
  const sell = async (...seats: number[]) => {
    for (const seat of seats) expect(await lane.submit(reserve([seat]))).toMatchObject({ type: 'done' });
  };
  return { lane, failures, advances, committed, sell };
}

/** A node whose tables were restored to one held seat, 0, while its memory has the seats 0, 1 and 2. */
async function restoredNode() {
  const showId = await makeShow(database.pool);
  const node = await openNode(showId);
  await node.sell(0);
  const restore = await backUp(database.pool, showId);
  await node.sell(1, 2);
  await restore();
  node.advances.length = 0;
  return { showId, ...node, restore };
}

/** Two nodes of one database with one held seat, and what a copy of the database announces after it: seat 1 is held. */
async function nodesAndCopy() {
  const showId = await makeShow(database.pool);
  const copy = await openNode(showId);
  await copy.sell(0);
  const restore = await backUp(database.pool, showId);
  await copy.sell(1, 2);
  await restore();
  return { showId, foreign: copy.committed.slice(1), one: await openNode(showId), other: await openNode(showId) };
}

async function expectAsTables({ lane }: Node, showId: number): Promise<void> {
  expect(digestOf(lane.state)).toBe(digestOf((await openNode(showId)).lane.state));
}

describe('a node whose tables were restored to an older state', () => {
  it('discards its memory at the next command, and does the command', async () => {
    const node = await restoredNode();
    await node.sell(5);
    expect([...node.lane.state.holders.keys()]).toEqual([0, 5]);
    expect(node.advances.map(({ isReset, version }) => ({ isReset, version }))).toEqual([
      { isReset: true, version: 1 },
      { isReset: false, version: 2 },
    ]);
    expect(node.failures).toEqual([expect.any(OtherHistoryError)]);
    await expectAsTables(node, node.showId);
  });

  it('discards its memory at the next reading', async () => {
    const node = await restoredNode();
    await node.lane.refresh();
    expect(node.advances).toMatchObject([{ isReset: true, version: 1 }]);
    await node.sell(1);
    await expectAsTables(node, node.showId);
  });

  it('answers each of many commands that wait then, and refuses none as busy', async () => {
    const node = await restoredNode();
    const seats = Array.from({ length: 50 }, (_, index) => index + 3);
    await Promise.all(seats.map((seat) => node.sell(seat)));
    await expectAsTables(node, node.showId);
  });

  it('notices that the tables reached the same seq by other commits', async () => {
    const node = await restoredNode();
    const other = await openNode(node.showId);
    await other.sell(7, 8);
    expect(other.lane.state.seq).toBe(node.lane.state.seq);
    await node.lane.refresh();
    expect([...node.lane.state.holders.keys()]).toEqual([0, 7, 8]);
    await expectAsTables(node, node.showId);
  });

  it('notices that the tables are further by other commits', async () => {
    const node = await restoredNode();
    await (await openNode(node.showId)).sell(7, 8, 9);
    await node.sell(5);
    expect(node.advances[0]).toMatchObject({ isReset: true, version: 4 });
    await node.sell(1);
    await expectAsTables(node, node.showId);
  });
});

describe('a node that hears a copy of its database', () => {
  it('does not apply a commit that follows another one than its last', async () => {
    const { showId, foreign, one } = await nodesAndCopy();
    await one.sell(5);
    await one.lane.heard(foreign[0]!);
    await one.lane.heard(foreign[1]!);
    expect([...one.lane.state.holders.keys()]).toEqual([0, 5]);
    expect(one.failures).toEqual([]);
    await expectAsTables(one, showId);
  });

  it('sells a seat that only the copy holds', async () => {
    const { showId, foreign, one } = await nodesAndCopy();
    for (const commit of foreign) await one.lane.heard(commit);
    await one.sell(9);
    await one.sell(1);
    await expectAsTables(one, showId);
  });

  it('is right again after a commit of its own database with the same seq', async () => {
    const { showId, foreign, one, other } = await nodesAndCopy();
    await one.lane.heard(foreign[0]!);
    await other.sell(5);
    await one.lane.heard(other.committed[0]!);
    expect([...one.lane.state.holders.keys()]).toEqual([0, 5]);
    await expectAsTables(one, showId);
  });
});

it('takes entries of an older release, which have no commit id, for its own history', async () => {
  const showId = await makeShow(database.pool);
  const node = await openNode(showId);
  await node.sell(0, 1);
  // A node of an older release committed the last entry: it knows no commit ids, and leaves the ledger's as it was.
  await database.pool.query('update show_log set commit_id = 0 where show_id = $1 and seq = 2', [showId]);
  const ledger = 'update show_ledger set commit_id = (select commit_id from show_log where show_id = $1 and seq = 1)';
  await database.pool.query(`${ledger} where show_id = $1`, [showId]);
  const late = await openNode(showId);
  await late.lane.refresh();
  await late.sell(2);
  expect(late.advances.filter(({ isReset }) => isReset)).toEqual([]);
  expect(late.failures).toEqual([]);
});
