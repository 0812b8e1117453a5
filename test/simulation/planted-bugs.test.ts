import { describe, expect, it } from '@jest/globals';
import { SeatStatus } from '@usher/contract';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import { LockTimeoutError } from '../../src/shows/store/show-store.js';
import { changeLoadedShows, changeTransactions, expectViolations, findBrokenPromises } from './planted-bugs.js';
import type { SimulationOptions } from './simulation-options.js';

describe('the oracle', () => {
  it('finds seats that are sold twice and versions that are used twice if the lock is removed', async () => {
    await expectViolations({ protections: { hasLock: false, hasConstraints: false } }, 'seatSoldOnce', 'exactLog');
  });

  it('finds a hold that expires too early', async () => {
    const plantStoreBug = changeTransactions((original) => ({
      lock: async (since) => {
        const locked = await original.lock(since);
        return { ...locked, now: locked.now + 50 };
      },
    }));
    await expectViolations({ plantStoreBug }, 'holdDuration');
  });

  it('finds a skipped version', async () => {
    const plantStoreBug = changeTransactions((original) => ({
      write: (commit) => {
        const { seq, version } = commit.entry;
        return original.write({
          ...commit,
          entry: { ...commit.entry, version: seq % 4 === 0 ? version + 1 : version },
        });
      },
    }));
    await expectViolations({ plantStoreBug }, 'exactLog');
  });

  it('finds a booking that is written without its last seat', async () => {
    const plantStoreBug = changeTransactions((original) => ({
      write: (commit) =>
        original.write({ ...commit, seats: { ...commit.seats, inserted: commit.seats.inserted.slice(0, -1) } }),
    }));
    await expectViolations({ plantStoreBug }, 'wholeBooking');
  });

  it('finds a success that is acknowledged although the transaction was rolled back', async () => {
    const plantStoreBug = changeTransactions((original) => ({ commit: () => original.rollback() }));
    await expectViolations({ plantStoreBug }, 'truthfulAnswer');
  });

  it('finds a command that is answered with BUSY although it was committed', async () => {
    const plantStoreBug = changeTransactions((original) => ({
      commit: async () => {
        await original.commit();
        throw new LockTimeoutError('the planted bug reports a wrong outcome');
      },
    }));
    await expectViolations({ plantStoreBug }, 'truthfulAnswer');
  });

  it('finds a node that allows a source twice its budget', async () => {
    const plantTermsBug: SimulationOptions['plantTermsBug'] = ({ budgets, ...terms }) => {
      const { addressSeats, addressPlaces } = budgets;
      const twice = (budget: typeof addressSeats) => budget && { free: 2 * budget.free, max: 2 * budget.max };
      const wider = { addressSeats: twice(addressSeats), addressPlaces: twice(addressPlaces) };
      return { ...terms, budgets: { ...budgets, ...wider } };
    };
    await expectViolations({ plantTermsBug }, 'sourceBudgets');
  });

  it('finds a node that forgets the sources of holds when it loads a show', async () => {
    const plantStoreBug = changeLoadedShows((stored) => ({
      ...stored,
      liveBookings: stored.liveBookings.map((booking) => ({ ...booking, source: null })),
    }));
    await expectViolations({ plantStoreBug }, 'exactLog');
  });

  it('finds an idempotency key that is lost when a node loads a show', async () => {
    const plantStoreBug = changeLoadedShows((stored) => ({ ...stored, keys: [] }));
    await expectViolations({ plantStoreBug }, 'exactLog');
  });

  it('finds a diff that claims to start at an older version than it really does', async () => {
    const plantBroadcastBug: SimulationOptions['plantBroadcastBug'] = (advance) => ({ ...advance, from: 0 });
    await expectViolations({ plantBroadcastBug }, 'mapsConverge');
  });

  it('finds a lock that is not released after a batch without changes', async () => {
    const plantStoreBug = changeTransactions(() => ({ rollback: () => Promise.resolve() }));
    await expectViolations({ plantStoreBug }, 'holdDuration');
  });

  it('finds a diff that lacks a seat', async () => {
    const plantBroadcastBug: SimulationOptions['plantBroadcastBug'] = (advance) => ({
      ...advance,
      statuses: new Map([...advance.statuses].filter(([, status]) => status !== SeatStatus.free)),
    });
    await expectViolations({ plantBroadcastBug }, 'mapsConverge');
  });

  it('finds changed terms that are not written to the catalog', async () => {
    const plantStoreBug = changeTransactions((original) => ({
      write: (commit) => original.write({ ...commit, catalog: commit.catalog && { ...commit.catalog, terms: null } }),
    }));
    await expectViolations({ plantStoreBug }, 'exactLog');
  });

  it('finds a node that keeps the old terms of a show', async () => {
    const plantLaneBug = (lane: ShowLane) => {
      const { terms } = lane;
      Object.defineProperty(lane, 'terms', { get: () => terms });
    };
    await expectViolations({ plantLaneBug }, 'exactLog');
  });
});

it('sells no seat twice if the lock is removed but the constraints of the tables remain', async () => {
  for (let run = 0; run < 40; run++) {
    const brokenPromises = await findBrokenPromises(run, { protections: { hasLock: false, hasConstraints: true } });
    for (const promise of ['seatSoldOnce', 'wholeBooking', 'exactLog'] as const)
      expect(brokenPromises).not.toContain(promise);
  }
});
