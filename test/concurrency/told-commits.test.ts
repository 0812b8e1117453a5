import { describe, expect, it } from '@jest/globals';
import type { AnnouncedCommit, LogEntry, LogPosition } from '../../src/shows/core/changes/show-log.js';
import { PostgresShowStore } from '../../src/shows/store/postgres-show-store.js';
import { digestOf } from '../simulation/oracle/digest.js';
import { fileDatabase } from '../support/database.js';
import { openLane, plainTerms } from '../support/lanes.js';
import { reserve } from '../support/line-nodes.js';
import { makeShow } from '../support/show.js';

/** A store that counts how often the log is read. */
class CountingStore extends PostgresShowStore {
  reads = 0;

  override entriesAfter(showId: number, position: LogPosition): Promise<LogEntry[] | null> {
    this.reads++;
    return super.entriesAfter(showId, position);
  }
}

const database = fileDatabase();

/** A node that commits, with all that it committed, and one that is told. */
async function twoNodes() {
  const terms = plainTerms(await makeShow(database.pool));
  const committed: AnnouncedCommit[] = [];
  const { lane: teller } = await openLane(terms, database.pool, {
    advanced: ({ committed: entry }) => entry && committed.push(entry),
  });
  const store = new CountingStore(database.pool);
  const { lane: listener } = await openLane(terms, database.pool, { store });
  const sell = async (...seats: number[]) => {
    for (const seat of seats) await teller.submit(reserve([seat]));
  };
  const expectSame = () => expect(digestOf(listener.state)).toBe(digestOf(teller.state));
  return { teller, listener, store, committed, sell, expectSame };
}

describe('a node that is told what another one committed', () => {
  it('takes in the next commit without asking the database', async () => {
    const { listener, store, committed, sell, expectSame } = await twoNodes();
    await sell(1, 2, 3);
    for (const entry of committed) await listener.heard(entry);
    expectSame();
    expect(store.reads).toBe(0);
  });

  it('reads what is missing before a commit that does not follow', async () => {
    const { listener, store, committed, sell, expectSame } = await twoNodes();
    await sell(1, 2, 3);
    await listener.heard(committed[2]!);
    expectSame();
    expect(store.reads).toBe(1);
  });

  it('takes each in once, told twice, late, or while it commits itself', async () => {
    const { teller, listener, committed, sell, expectSame } = await twoNodes();
    await sell(1, 2);
    const own = listener.submit(reserve([50]));
    await Promise.all([...committed, ...committed].map((entry) => listener.heard(entry)));
    await own;
    await sell(3);
    await Promise.all(committed.toReversed().map((entry) => listener.heard(entry)));
    await teller.refresh();
    expectSame();
    expect(listener.state.counts.held).toBe(4);
  });
});
