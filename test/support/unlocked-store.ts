import type { Pool } from 'pg';
import { PostgresShowStore } from '../../src/shows/store/postgres-show-store.js';
import { lock } from '../../src/shows/store/show-sql.js';

/** Returns a function that waits until it has been called `count` times. Later calls do not wait. */
function createMeeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    if (++arrived === count) resolve();
    return promise;
  };
}

/**
 * A store for two nodes that does not lock the show. The first write of each node waits for that of the other node. So
 * the two writes race on every machine, however busy the machine is.
 */
export class UnlockedStore extends PostgresShowStore {
  private readonly meet = createMeeting(2);

  constructor(pool: Pool) {
    super(pool, (showId) => lock(showId).replace('for update', ''));
  }

  override async begin(showId: number) {
    const transaction = await super.begin(showId);
    const write = transaction.write.bind(transaction);
    transaction.write = async (commit) => {
      await this.meet();
      await write(commit);
    };
    return transaction;
  }
}

/** An unlocked store that, in addition, ignores a wrong number of changed rows. */
export class UnguardedStore extends UnlockedStore {
  override async begin(showId: number) {
    const transaction = await super.begin(showId);
    const write = transaction.write.bind(transaction);
    transaction.write = (commit) =>
      write(commit).catch((error: Error) => {
        if (!error.message.includes('the statement changed rows')) throw error;
      });
    return transaction;
  }
}
