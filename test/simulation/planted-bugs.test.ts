import { describe, expect, it } from '@jest/globals';
import { SeatStatus } from '@usher/contract';
import { LockTimeoutError, type ShowStore, type ShowTransaction } from '../../src/shows/show-store.js';
import type { Violation } from './oracle.js';
import { simulate, type SimulationOptions } from './simulation.js';

/** Runs in which a planted bug must show; each test says which promise it breaks. */
const seeds = Array.from({ length: 40 }, (_, run) => `planted-${run}`);

/** The promises that some run found broken. */
async function brokenPromises(options: SimulationOptions): Promise<Set<Violation['promise']>> {
  const broken = new Set<Violation['promise']>();
  for (const seed of seeds) {
    const { violations } = await simulate(seed, 300, options);
    for (const { promise } of violations) broken.add(promise);
  }
  return broken;
}

/** A store whose transactions do some things otherwise. */
const otherwise =
  (spoil: (good: ShowTransaction) => Partial<ShowTransaction>) =>
  (store: ShowStore): ShowStore => ({
    load: (showId) => store.load(showId),
    entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
    begin: async (showId) => {
      const good = await store.begin(showId);
      return {
        lock: (since) => good.lock(since),
        write: (commit) => good.write(commit),
        commit: () => good.commit(),
        rollback: () => good.rollback(),
        ...spoil(good),
      };
    },
  });

describe('the simulation finds', () => {
  it('seats sold twice and versions given twice when the lock is left out', async () => {
    const broken = await brokenPromises({ protections: { lock: false, guards: false } });
    expect([...broken]).toEqual(expect.arrayContaining([1, 3]));
  });

  it('a hold that ends before its time', async () => {
    const spoil = otherwise((good) => ({
      lock: async (since) => {
        const locked = await good.lock(since);
        return { ...locked, now: locked.now + 50 };
      },
    }));
    expect(await brokenPromises({ spoil })).toContain(4);
  });

  it('a version that was left out', async () => {
    const spoil = otherwise((good) => ({
      write: (commit) => {
        const { seq, version } = commit.entry;
        return good.write({ ...commit, entry: { ...commit.entry, version: seq % 4 === 0 ? version + 1 : version } });
      },
    }));
    expect(await brokenPromises({ spoil })).toContain(3);
  });

  it('a booking that is written without its last seat', async () => {
    const spoil = otherwise((good) => ({
      write: (commit) =>
        good.write({ ...commit, seats: { ...commit.seats, inserted: commit.seats.inserted.slice(0, -1) } }),
    }));
    expect(await brokenPromises({ spoil })).toContain(2);
  });

  it('a success that was answered without a commit', async () => {
    const spoil = otherwise((good) => ({ commit: () => good.rollback() }));
    expect(await brokenPromises({ spoil })).toContain(6);
  });

  it('a commit that was answered with BUSY', async () => {
    const spoil = otherwise((good) => ({
      commit: async () => {
        await good.commit();
        throw new LockTimeoutError('a wrong answer');
      },
    }));
    expect(await brokenPromises({ spoil })).toContain(6);
  });

  it('a key that is forgotten when a show is read from the tables', async () => {
    const spoil = (store: ShowStore): ShowStore => ({
      begin: (showId) => store.begin(showId),
      entriesAfter: (showId, seq) => store.entriesAfter(showId, seq),
      load: async (showId) => {
        const stored = await store.load(showId);
        return stored && { ...stored, keys: [] };
      },
    });
    const broken = await brokenPromises({ spoil });
    expect(broken).toContain(3);
  });

  it('a diff that claims to reach further back than it does', async () => {
    const spoilAdvance: SimulationOptions['spoilAdvance'] = (advance) => ({ ...advance, from: 0 });
    expect(await brokenPromises({ spoilAdvance })).toContain(7);
  });

  it('a lock that is kept after a batch that changed nothing', async () => {
    const spoil = otherwise(() => ({ rollback: () => Promise.resolve() }));
    expect(await brokenPromises({ spoil })).toContain(4);
  });

  it('a diff that lacks a seat', async () => {
    const spoilAdvance: SimulationOptions['spoilAdvance'] = (advance) => ({
      ...advance,
      statuses: new Map([...advance.statuses].filter(([, status]) => status !== SeatStatus.free)),
    });
    expect(await brokenPromises({ spoilAdvance })).toContain(7);
  });
});

it('sells no seat twice when only the tables’ own keys are left to refuse it', async () => {
  const broken = await brokenPromises({ protections: { lock: false, guards: true } });
  for (const promise of [1, 2, 3] as const) expect(broken).not.toContain(promise);
});
