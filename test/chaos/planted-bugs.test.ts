import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { describeWith, nginx, redisServer } from '../support/describe-with.js';
import type { PromiseName } from './checker/violation.js';
import { runChaos } from './run.js';
import { Stage } from './stage.js';

const seed = 11;

describeWith(redisServer, nginx)('the checker finds a planted bug', () => {
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'usher-chaos-'));
    stage = await Stage.open({ holdSeconds: 1, names: ['a', 'b'] });
  }, 120_000);

  afterEach(async () => {
    await Promise.all(stage.nodes.map((node) => node.kill()));
  });

  afterAll(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs buyers on nodes that have the bug. Returns the promises that the checker finds broken. */
  async function findBrokenPromises(bug: string, before?: () => Promise<unknown>): Promise<Set<PromiseName>> {
    await stage.start(bug);
    await before?.();
    const faults: [] = [];
    const run = { seed, seconds: 4, answersMin: 250, buyers: 12, holdSeconds: 1, correctMapMs: 3000, faults };
    const { report, words } = await runChaos(stage, { ...run, folder: join(folder, bug) });
    process.stdout.write(`with the bug "${bug}":\n${words}\n`);
    return new Set(report.violations.map(({ promise }) => promise));
  }

  it.each<[string, PromiseName]>([
    ['rollback', 'acknowledged bookings exist'],
    ['silence', 'maps are correct'],
    ['key', 'one effect per key'],
    ['leftover', 'held seats have a live booking'],
  ])(
    '%s: %s',
    async (bug, promise) => {
      expect(await findBrokenPromises(bug)).toContain(promise);
    },
    400_000,
  );

  it('lock: one booking per seat', async () => {
    // If only the lock were missing, the primary keys of the tables would still protect every seat, so the test drops
    // them.
    const keys = ['show_seat', 'show_log'].map((table) => `alter table ${table} drop constraint ${table}_pkey`);
    expect(await findBrokenPromises('lock', () => stage.pool.query(keys.join('; ')))).toContain('one booking per seat');
  }, 400_000);
});
