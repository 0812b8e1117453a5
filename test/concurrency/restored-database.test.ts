import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { AnnouncedCommit } from '../../src/shows/core/log/log-entry.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import type { ShowAdvance } from '../../src/shows/lane/show-advance.js';
import { OtherHistoryError } from '../../src/shows/store/show-store.js';
import { digestOf } from '../simulation/reference/digest.js';
import { useDatabase } from '../support/database.js';
import { openLane, plainTerms } from '../support/lanes.js';
import { reserve } from '../support/line-nodes.js';
import { makeShow } from '../support/show.js';

const database = useDatabase();

/** The tables that a reservation writes, in an order that satisfies their foreign keys. */
const tables = ['show_ledger', 'show_log', 'booking', 'show_seat'];

/** Saves a show's rows. @returns a function that writes them back, like the restore of a backup */
async function saveRows(pool: Pool, showId: number): Promise<() => Promise<void>> {
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
    onAdvance: (advance) => {
      advances.push(advance);
      if (advance.committed) committed.push(advance.committed);
    },
  });
  const sell = async (...seats: number[]) => {
    for (const seat of seats) expect(await lane.submit(reserve([seat]))).toMatchObject({ type: 'done' });
  };
  return { lane, failures, advances, committed, sell };
}

/**
 * Opens a node that has held the seats 0, 1 and 2. Then restores the tables to the state in which only seat 0 was held,
 * so that the node's memory is newer than its tables.
 */
async function openRestoredNode() {
  const showId = await makeShow(database.pool);
  const node = await openNode(showId);
  await node.sell(0);
  const restore = await saveRows(database.pool, showId);
  await node.sell(1, 2);
  await restore();
  node.advances.length = 0;
  return { showId, ...node, restore };
}

/**
 * Opens two nodes on a database in which one seat is held. `foreign` contains two later commits of a copy of this
 * database. They hold the seats 1 and 2.
 */
async function openNodesAndCopy() {
  const showId = await makeShow(database.pool);
  const copy = await openNode(showId);
  await copy.sell(0);
  const restore = await saveRows(database.pool, showId);
  await copy.sell(1, 2);
  await restore();
  return { showId, foreign: copy.committed.slice(1), node: await openNode(showId), other: await openNode(showId) };
}

async function expectStateOfTables({ lane }: Node, showId: number): Promise<void> {
  expect(digestOf(lane.state)).toBe(digestOf((await openNode(showId)).lane.state));
}

describe('a node whose tables were restored to an older state', () => {
  it('discards its memory at the next command, and executes the command', async () => {
    const node = await openRestoredNode();
    await node.sell(5);
    expect([...node.lane.state.holders.keys()]).toEqual([0, 5]);
    expect(node.advances.map(({ isReset, version }) => ({ isReset, version }))).toEqual([
      { isReset: true, version: 1 },
      { isReset: false, version: 2 },
    ]);
    expect(node.failures).toEqual([expect.any(OtherHistoryError)]);
    await expectStateOfTables(node, node.showId);
  });

  it('discards its memory when it catches up', async () => {
    const node = await openRestoredNode();
    await node.lane.catchUp();
    expect(node.advances).toMatchObject([{ isReset: true, version: 1 }]);
    await node.sell(1);
    await expectStateOfTables(node, node.showId);
  });

  it('executes all commands that wait during the reset, and refuses none with BUSY', async () => {
    const node = await openRestoredNode();
    const seats = Array.from({ length: 50 }, (_, index) => index + 3);
    await Promise.all(seats.map((seat) => node.sell(seat)));
    await expectStateOfTables(node, node.showId);
  });

  it('detects that the tables have reached its own seq through different commits', async () => {
    const node = await openRestoredNode();
    const other = await openNode(node.showId);
    await other.sell(7, 8);
    expect(other.lane.state.seq).toBe(node.lane.state.seq);
    await node.lane.catchUp();
    expect([...node.lane.state.holders.keys()]).toEqual([0, 7, 8]);
    await expectStateOfTables(node, node.showId);
  });

  it('detects that the tables have reached a higher seq than its own through different commits', async () => {
    const node = await openRestoredNode();
    await (await openNode(node.showId)).sell(7, 8, 9);
    await node.sell(5);
    expect(node.advances[0]).toMatchObject({ isReset: true, version: 4 });
    await node.sell(1);
    await expectStateOfTables(node, node.showId);
  });
});

describe('a node that receives the commits of a copy of its database', () => {
  it('ignores a commit that does not follow its own last commit', async () => {
    const { showId, foreign, node } = await openNodesAndCopy();
    await node.sell(5);
    await node.lane.applyRemoteCommit(foreign[0]!);
    await node.lane.applyRemoteCommit(foreign[1]!);
    expect([...node.lane.state.holders.keys()]).toEqual([0, 5]);
    expect(node.failures).toEqual([]);
    await expectStateOfTables(node, showId);
  });

  it('sells a seat that is held only in the copy', async () => {
    const { showId, foreign, node } = await openNodesAndCopy();
    for (const commit of foreign) await node.lane.applyRemoteCommit(commit);
    await node.sell(9);
    await node.sell(1);
    await expectStateOfTables(node, showId);
  });

  it('has the correct state if a commit of its own database has the same seq as an earlier commit of the copy', async () => {
    const { showId, foreign, node, other } = await openNodesAndCopy();
    await node.lane.applyRemoteCommit(foreign[0]!);
    await other.sell(5);
    await node.lane.applyRemoteCommit(other.committed[0]!);
    expect([...node.lane.state.holders.keys()]).toEqual([0, 5]);
    await expectStateOfTables(node, showId);
  });
});

it('accepts log entries of an older release, which have no commit id', async () => {
  const showId = await makeShow(database.pool);
  const node = await openNode(showId);
  await node.sell(0, 1);
  // The tables now look as if a node of an older release had committed the last entry. Such a node writes no commit ids
  // and does not change the commit id in the ledger.
  await database.pool.query('update show_log set commit_id = 0 where show_id = $1 and seq = 2', [showId]);
  const ledger = 'update show_ledger set commit_id = (select commit_id from show_log where show_id = $1 and seq = 1)';
  await database.pool.query(`${ledger} where show_id = $1`, [showId]);
  const late = await openNode(showId);
  await late.lane.catchUp();
  await late.sell(2);
  expect(late.advances.filter(({ isReset }) => isReset)).toEqual([]);
  expect(late.failures).toEqual([]);
});
