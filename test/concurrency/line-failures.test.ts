import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { DomainError } from '../../src/common/domain-error.js';
import type { Outcome } from '../../src/shows/core/commands/command.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import { PostgresShowStore } from '../../src/shows/store/postgres-show-store.js';
import { CommitInDoubtError } from '../../src/shows/store/show-store.js';
import { createTestDatabase, useDatabase, type TestDatabase, testPool } from '../support/database.js';
import { openLane, plainTerms } from '../support/lanes.js';
import {
  expectChain,
  expectSameState,
  readHistory,
  joinLine,
  pick,
  readWaiter,
  reserve,
  openThreeLanes,
} from '../support/line-nodes.js';
import { makeShow } from '../support/show.js';
import { UnguardedStore, UnlockedStore } from '../support/unlocked-store.js';

const database = useDatabase();

describe('two nodes without the lock', () => {
  let bare: TestDatabase;
  let barePool: pg.Pool;
  let terms: ShowTerms;

  beforeEach(async () => {
    bare = await createTestDatabase({ demo: false });
    barePool = testPool(bare.url);
    terms = plainTerms(await makeShow(barePool, { rows: 1, seatsPerRow: 1 }), 1, 1);
    // The only seat is held, so joining the line is the only possible command.
    await (await openLane(terms, barePool)).lane.submit(reserve([0]));
  });

  afterEach(async () => {
    await barePool.end();
    await bare.drop();
  });

  /** Lets a new session join on each of two nodes at the same time, 60 times. */
  async function race(store: PostgresShowStore) {
    const nodes = await Promise.all([1, 2].map(() => openLane(terms, barePool, { store })));
    const outcomes: PromiseSettledResult<Outcome>[] = [];
    for (let turn = 0; turn < 60; turn++) {
      const calls = nodes.map(({ lane }) => lane.submit(joinLine()));
      outcomes.push(...(await Promise.allSettled(calls)));
    }
    return { outcomes, failures: nodes.flatMap(({ failures }) => failures) };
  }

  /** Reads the line tickets that more than one session has. */
  const readDuplicateTickets = async (): Promise<unknown[]> => {
    const text = `select line_ticket from waiter where show_id = $1 group by line_ticket having count(*) > 1`;
    return (await barePool.query(text, [terms.showId])).rows;
  };

  it('give the same line ticket twice without the primary keys, which proves that the other tests can fail', async () => {
    for (const [table, key] of [
      ['waiter', 'waiter_pkey'],
      ['line_event', 'line_event_pkey'],
      ['show_log', 'show_log_pkey'],
    ]) {
      await barePool.query(`alter table ${table} drop constraint ${key}`);
    }
    await race(new UnguardedStore(barePool));
    expect((await readDuplicateTickets()).length).toBeGreaterThan(0);
  });

  it('cannot store a line ticket twice, because the primary keys prevent that, and lose no acknowledged line ticket', async () => {
    const { outcomes, failures } = await race(new UnlockedStore(barePool));
    expect(failures.length).toBeGreaterThan(0);
    expect(await readDuplicateTickets()).toEqual([]);
    const acknowledged = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? readWaiter(outcome.value).sessionId : [],
    );
    const { rows } = await barePool.query<{ sessionId: string }>(
      'select session_id as "sessionId" from waiter where show_id = $1',
      [terms.showId],
    );
    expect(new Set(rows.map(({ sessionId }) => sessionId))).toEqual(new Set(acknowledged));
  });
});

describe('a node that dies during its transactions', () => {
  it('loses no acknowledged line ticket, and a session without an answer can join again', async () => {
    const { terms, lanes } = await openThreeLanes(database.pool, 1);
    const name = `dying-${terms.showId}`;
    const dyingPool = testPool(`${database.url}?application_name=${name}`);
    let commits = 0;
    const dying = new (class extends PostgresShowStore {
      override async begin(showId: number) {
        const transaction = await super.begin(showId);
        const commit = transaction.commit.bind(transaction);
        transaction.commit = async () => {
          const turn = commits++ % 4;
          // In turn 1 of 4, the connection dies before the commit, so nothing is stored. In turn 3, the commit is
          // stored, but its answer is lost.
          if (turn === 1) await terminateConnections(name);
          await commit();
          if (turn === 3) throw new CommitInDoubtError('the answer was lost');
        };
        return transaction;
      }
    })(dyingPool);
    const { lane, failures } = await openLane(terms, dyingPool, { store: dying });
    const nodes = [lane, ...lanes.slice(1)];
    const sessions = Array.from({ length: 200 }, () => uuidv7());
    const acknowledged = new Map<string, number>();
    let refused = 0;
    const joinUntilAnswered = async (sessionId: string, index: number): Promise<void> => {
      for (;;) {
        try {
          const { lineTicket } = readWaiter(await pick(nodes, index).submit(joinLine(sessionId)));
          expect(acknowledged.get(sessionId) ?? lineTicket).toBe(lineTicket);
          acknowledged.set(sessionId, lineTicket);
          return;
        } catch (error) {
          if (!(error instanceof DomainError) || error.body.code !== 'BUSY') throw error;
          refused++;
        }
      }
    };
    for (let from = 0; from < sessions.length; from += 20) {
      await Promise.all(sessions.slice(from, from + 20).map((sessionId, index) => joinUntilAnswered(sessionId, index)));
    }
    expect(refused).toBeGreaterThan(0);
    expect(failures.length).toBeGreaterThan(0);
    const tickets = [...acknowledged.values()].toSorted((a, b) => a - b);
    expect(tickets).toEqual(sessions.map((_, index) => index + 1));
    const history = await readHistory(database.pool, terms);
    expect(history.violations).toEqual([]);
    expect(new Map([...history.waiting.values()].map(({ sessionId, lineTicket }) => [sessionId, lineTicket]))).toEqual(
      acknowledged,
    );
    await expectChain(database.pool, terms.showId);
    await expectSameState(database.pool, terms, nodes);
    await dyingPool.end();
  });

  /** Terminates those connections of a node that are inside a transaction. */
  async function terminateConnections(name: string): Promise<void> {
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and state = 'idle in transaction'`,
      [name],
    );
  }
});
