import { describe, expect, it } from '@jest/globals';
import type { AnnouncedCommit, LogEntry, LogPosition } from '../../src/shows/core/log/log-entry.js';
import { PostgresShowStore } from '../../src/shows/store/postgres-show-store.js';
import { digestOf } from '../simulation/reference/digest.js';
import { useDatabase } from '../support/database.js';
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

const database = useDatabase();

/** Opens two nodes: a writer that commits, and a reader. The test itself passes the writer's commits to the reader. */
async function openTwoNodes() {
  const terms = plainTerms(await makeShow(database.pool));
  const committed: AnnouncedCommit[] = [];
  const { lane: writer } = await openLane(terms, database.pool, {
    onAdvance: ({ committed: entry }) => entry && committed.push(entry),
  });
  const store = new CountingStore(database.pool);
  const { lane: reader } = await openLane(terms, database.pool, { store });
  const sell = async (...seats: number[]) => {
    for (const seat of seats) await writer.submit(reserve([seat]));
  };
  const expectEqualStates = () => expect(digestOf(reader.state)).toBe(digestOf(writer.state));
  return { writer, reader, store, committed, sell, expectEqualStates };
}

describe('a node that receives the commits of another node', () => {
  it('applies the next commit without reading the database', async () => {
    const { reader, store, committed, sell, expectEqualStates } = await openTwoNodes();
    await sell(1, 2, 3);
    for (const entry of committed) await reader.applyRemoteCommit(entry);
    expectEqualStates();
    expect(store.reads).toBe(0);
  });

  it('reads the missing commits from the log before it applies a later commit', async () => {
    const { reader, store, committed, sell, expectEqualStates } = await openTwoNodes();
    await sell(1, 2, 3);
    await reader.applyRemoteCommit(committed[2]!);
    expectEqualStates();
    expect(store.reads).toBe(1);
  });

  it('applies each commit once, even if the commit arrives twice, late, or while the node itself commits', async () => {
    const { writer, reader, committed, sell, expectEqualStates } = await openTwoNodes();
    await sell(1, 2);
    const own = reader.submit(reserve([50]));
    await Promise.all([...committed, ...committed].map((entry) => reader.applyRemoteCommit(entry)));
    await own;
    await sell(3);
    await Promise.all(committed.toReversed().map((entry) => reader.applyRemoteCommit(entry)));
    await writer.catchUp();
    expectEqualStates();
    expect(reader.state.counts.held).toBe(4);
  });
});
