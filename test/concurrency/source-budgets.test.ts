import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { BudgetDefaults } from '../../src/shows/core/model/budgets.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import { noBudgets } from '../../src/shows/core/model/budgets.js';
import { enter, joinLine, reserve, sentFrom } from '../simulation/fixtures/commands.js';
import { digestOf } from '../simulation/reference/digest.js';
import { createTestDatabase, testPool, useDatabase } from '../support/database.js';
import { openLane, plainTerms } from '../support/lanes.js';
import { expectSameState, pick } from '../support/line-nodes.js';
import { makeShow } from '../support/show.js';
import { UnguardedStore } from '../support/unlocked-store.js';

const database = useDatabase();

const budgets: BudgetDefaults = {
  ...noBudgets,
  addressSeats: { free: 30, max: 60 },
  addressPlaces: { free: 20, max: 50 },
};

const metered = { mode: 'on', maxShoppers: 200, admitPerMinute: null, shopMs: 600_000 } as const;

const bestSeats = (source: string, hasPassed: boolean, count = 3) => {
  const ids = { bookingId: uuidv7(), sessionId: uuidv7() };
  return sentFrom(source, reserve({ best: { count } }, ids), hasPassed);
};

async function openNodes(other: Partial<ShowTerms> = {}) {
  const showId = await makeShow(database.pool, { rows: 20, seatsPerRow: 20 });
  const terms = { ...plainTerms(showId, 20, 20), budgets, ...other };
  const nodes = [await openLane(terms, database.pool), await openLane(terms, database.pool)];
  return { terms, lanes: nodes.map(({ lane }) => lane), failures: nodes.map(({ failures }) => failures) };
}

/** Counts the unpaid seats and the places of a source in the tables. */
async function readUse(showId: number, source: string) {
  const { rows } = await database.pool.query<{ seats: number; places: number }>(
    `select (select coalesce(sum(cardinality(seats)), 0) from booking
         where show_id = $1 and source = $2 and status = 'reserved')::int as seats,
       ((select count(*) from waiter where show_id = $1 and source = $2 and waits)
         + (select count(*) from stay where show_id = $1 and source = $2 and is_inside))::int as places`,
    [showId, source],
  );
  return rows[0];
}

describe('hundreds of sessions of one address on two nodes', () => {
  it.each([
    ['without the challenge', false, 30, 'CHALLENGE_REQUIRED'],
    ['after the challenge', true, 60, 'ADDRESS_LIMIT'],
  ] as const)(
    'hold exactly the seats of their budget %s, and other addresses hold theirs',
    async (_, hasPassed, most, code) => {
      const { terms, lanes, failures } = await openNodes();
      const bots = Array.from({ length: 300 }, (__, nth) => pick(lanes, nth).submit(bestSeats('farm', hasPassed)));
      const buyers = Array.from({ length: 20 }, (__, nth) => pick(lanes, nth).submit(bestSeats(`home ${nth}`, false)));
      const outcomes = await Promise.all(bots);
      expect(new Set((await Promise.all(buyers)).map(({ type }) => type))).toEqual(new Set(['done']));
      expect(outcomes.filter(({ type }) => type === 'done')).toHaveLength(most / 3);
      const codes = outcomes.flatMap((outcome) => (outcome.type === 'refused' ? outcome.error.code : []));
      expect(new Set(codes)).toEqual(new Set([code]));
      expect(await readUse(terms.showId, 'farm')).toEqual({ seats: most, places: 0 });
      expect(failures).toEqual([[], []]);
      await expectSameState(database.pool, terms, lanes);
    },
  );

  it('get exactly the places of their budget in a lobby and in a metered show', async () => {
    const saleOpensAt = Date.now() + 60_000;
    for (const other of [{ waitingRoom: metered, saleOpensAt }, { waitingRoom: metered }]) {
      const { terms, lanes } = await openNodes(other);
      const calls = Array.from({ length: 200 }, (_, nth) => {
        const sessionId = uuidv7();
        const command = nth % 2 === 0 ? enter(sessionId) : joinLine(sessionId);
        return pick(lanes, nth >> 1).submit(sentFrom('farm', command, true));
      });
      await Promise.all(calls);
      expect(await readUse(terms.showId, 'farm')).toEqual({ seats: 0, places: 50 });
      await expectSameState(database.pool, terms, lanes);
    }
  });
});

describe('a node that starts later', () => {
  it('reads the counts from the tables, and one that runs reads them from the log', async () => {
    const { terms, lanes } = await openNodes();
    const [first, second] = lanes;
    for (let nth = 0; nth < 10; nth++) await first!.submit(bestSeats('farm', false));
    const { lane: later } = await openLane(terms, database.pool);
    expect(digestOf(later.state)).toBe(digestOf(first!.state));
    for (const lane of [later, second!]) {
      const outcome = await lane.submit(bestSeats('farm', false));
      expect(outcome).toMatchObject({ type: 'refused', error: { code: 'CHALLENGE_REQUIRED' } });
      expect(lane.state.sources.seatsOf('farm')).toBe(30);
    }
  });

  it('applies entries and rows of a release without sources, which count for nobody', async () => {
    const { terms, lanes } = await openNodes();
    await lanes[0]!.submit(bestSeats('farm', false));
    await database.pool.query('update booking set source = null where show_id = $1', [terms.showId]);
    await database.pool.query(
      `update show_log set changes = jsonb_set(changes, '{0,booking}', (changes #> '{0,booking}') - 'source')
       where show_id = $1`,
      [terms.showId],
    );
    const { lane: fromTables } = await openLane(terms, database.pool);
    await lanes[1]!.catchUp();
    for (const lane of [fromTables, lanes[1]!]) {
      expect([...lane.state.sources.entries()]).toEqual([]);
      expect(lane.state.counts.held).toBe(3);
    }
  });
});

it('a waiting session that passes the challenge on one node has passed on every node, and in the tables', async () => {
  const { terms, lanes } = await openNodes({ budgets: { ...budgets, addressSeats: { free: 6, max: 60 } } });
  const [first, second] = lanes;
  const join = (sessionId: string, hasPassed = false) =>
    first!.submit(sentFrom('farm', joinLine(sessionId, 6), hasPassed));
  await first!.submit({
    type: 'block',
    seats: terms.layout.seats.map((_, seat) => seat),
    reason: 'a test',
    by: { keyId: null, name: 'staff' },
  });
  const waiter = uuidv7();
  expect(await join(waiter)).toMatchObject({ type: 'inLine' });
  expect(await join(uuidv7())).toMatchObject({ error: { code: 'CHALLENGE_REQUIRED' } });
  expect(await join(uuidv7(), true)).toMatchObject({ type: 'inLine' });
  await second!.submit({ type: 'passChallenge', sessionId: waiter });
  await expectSameState(database.pool, terms, lanes);
  expect(lanes.map(({ state }) => state.waitersBySession.get(waiter)?.hasPassedChallenge)).toEqual([true, true]);
});

it('without the lock, two nodes exceed the budget, which proves that the tests above can fail', async () => {
  const bare = await createTestDatabase({ demo: false });
  const pool = testPool(bare.url);
  try {
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    await pool.query('alter table show_log drop constraint show_log_pkey');
    const one = { ...noBudgets, addressSeats: { free: 3, max: 3 } };
    const terms = { ...plainTerms(showId, 20, 20), budgets: one };
    const store = new UnguardedStore(pool);
    const nodes = [await openLane(terms, pool, { store }), await openLane(terms, pool, { store })];
    await Promise.allSettled(
      nodes.map(({ lane }, nth) => {
        const request = { seats: [nth * 3, nth * 3 + 1, nth * 3 + 2], onConflict: 'refuse' } as const;
        return lane.submit(sentFrom('farm', reserve(request, { bookingId: uuidv7(), sessionId: uuidv7() })));
      }),
    );
    const { rows } = await pool.query(
      `select sum(cardinality(seats))::int as seats from booking where show_id = $1 and status = 'reserved'`,
      [showId],
    );
    expect(rows).toEqual([{ seats: 6 }]);
  } finally {
    await pool.end();
    await bare.drop();
  }
});
