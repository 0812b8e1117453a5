import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, nginx, redisServer } from '../support/describe-with.js';
import { nodeFaults, serverFaults } from './faults.js';
import { offClock } from './off-clock.js';
import { runChaos } from './run.js';
import { Stage } from './stage.js';

/** Another one each day, so that a year of runs sees a year of faults. */
const seed = Math.floor(Date.now() / 86_400_000);

describeWith(redisServer, nginx)('three nodes on which everything breaks at random', () => {
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'usher-chaos-'));
    const clock = offClock(seed);
    stage = await Stage.open({ holdSeconds: 2, nodeEnv: clock ? { c: clock } : {} });
    await stage.start();
  }, 120_000);

  afterAll(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('keep every promise', async () => {
    const run = { seed, seconds: 45, buyers: 20, holdSeconds: 2, faults: [nodeFaults, serverFaults], folder };
    const { report, words } = await runChaos(stage, run);
    process.stdout.write(words);
    expect(report.violations).toEqual([]);
    // A run in which little happened would prove little.
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.mapsCompared).toBeGreaterThan(5);
  }, 300_000);
});
