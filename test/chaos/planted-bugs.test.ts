import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { describeWith, nginx, redisServer } from '../support/describe-with.js';
import type { Promise_ } from './checker/violation.js';
import { runChaos } from './run.js';
import { Stage } from './stage.js';

const seed = 11;

describeWith(redisServer, nginx)('a service with a bug is caught by the checker', () => {
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

  /** Runs buyers for a while on nodes with a bug. @returns the promises that the checker finds broken */
  async function brokenBy(bug: string, before?: () => Promise<unknown>): Promise<Set<Promise_>> {
    await stage.start(bug);
    await before?.();
    const faults: [] = [];
    const run = { seed, seconds: 4, answersMin: 250, buyers: 12, holdSeconds: 1, rightWithinMs: 3000, faults };
    const { report, words } = await runChaos(stage, { ...run, folder: join(folder, bug) });
    process.stdout.write(`with the bug "${bug}":\n${words}\n`);
    return new Set(report.violations.map(({ promise }) => promise));
  }

  it.each<[string, Promise_]>([
    ['rollback', 'acknowledged is there'],
    ['silence', 'maps are right'],
    ['key', 'one effect a key'],
    ['leftover', 'held means a live booking'],
  ])(
    '%s: %s',
    async (bug, promise) => {
      expect(await brokenBy(bug)).toContain(promise);
    },
    400_000,
  );

  it('lock: one booking a seat', async () => {
    // With the lock alone taken out the tables' own keys still save every seat.
    const keys = ['show_seat', 'show_log'].map((table) => `alter table ${table} drop constraint ${table}_pkey`);
    expect(await brokenBy('lock', () => stage.pool.query(keys.join('; ')))).toContain('one booking a seat');
  }, 400_000);
});
