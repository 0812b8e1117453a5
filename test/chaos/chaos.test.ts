import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, nginx, redisServer } from '../support/describe-with.js';
import { nodeFaults, serverFaults } from './faults.js';
import { shiftClock } from './shift-clock.js';
import { runChaos } from './run.js';
import { testRuns } from '../support/plain/test-runs.js';
import { Stage } from './stage.js';

/** The seed changes every day, so that the faults differ from day to day. The run prints its seed. */
const seed = Math.floor(Date.now() / 86_400_000);

describeWith(redisServer, nginx)('three nodes under random faults', () => {
  let stage: Stage;

  beforeAll(async () => {
    const clock = shiftClock(seed);
    stage = await Stage.open({ holdSeconds: 2, nodeEnv: clock ? { c: clock } : {} });
    await stage.start();
  }, 120_000);

  afterAll(async () => {
    await stage.close();
  });

  it('keep every promise', async () => {
    // A second try of this test gets another folder, so it does not overwrite the history of the first try.
    const folder = await mkdtemp(join(tmpdir(), 'usher-chaos-'));
    const run = {
      seed,
      seconds: testRuns({ short: 15, long: 45 }),
      buyers: 20,
      holdSeconds: 2,
      faults: [nodeFaults, serverFaults],
      folder,
    };
    const { report, words } = await runChaos(stage, run);
    process.stdout.write(words);
    if (report.violations.length > 0) process.stdout.write(`The history and the logs of the nodes are in ${folder}\n`);
    expect(report.violations).toEqual([]);
    // Without these minimums, a run in which almost nothing happened would pass too.
    expect(Object.keys(report.faults).length).toBeGreaterThan(testRuns({ short: 1, long: 3 }));
    expect(report.acknowledged).toBeGreaterThan(testRuns({ short: 50, long: 100 }));
    expect(report.mapsCompared).toBeGreaterThan(testRuns({ short: 2, long: 5 }));
    await rm(folder, { recursive: true, force: true });
  }, 300_000);
});
