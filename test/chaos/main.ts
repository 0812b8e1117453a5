import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shiftClock } from './shift-clock.js';
import { nodeFaults, serverFaults } from './faults.js';
import { runChaos } from './run.js';
import { Stage } from './stage.js';

/**
 * Runs the chaos test, for example for `npm run chaos -- --minutes 30 --seed 7`. Returns the exit code: 0 if every
 * promise was kept, 1 if one was broken, 2 if an option is invalid.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      buyers: { type: 'string', default: '24' },
      folder: { type: 'string' },
    },
  });
  const [minutes, seed, buyers] = [Number(values.minutes), Number(values.seed), Number(values.buyers)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(buyers > 0)) {
    process.stderr.write('usage: npm run chaos -- [--minutes 1] [--seed 7] [--buyers 24] [--folder where/to]\n');
    return 2;
  }
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'usher-chaos-')));
  process.stdout.write(`seed ${seed}, ${minutes} min; history and logs in ${folder}\n`);
  const clock = shiftClock(seed);
  if (!clock) process.stdout.write('libfaketime is missing, so no node has a wrong clock\n');
  const stage = await Stage.open({ holdSeconds: 2, nodeEnv: clock ? { c: clock } : {} });
  const end = () => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await stage.start();
    const run = { seed, seconds: minutes * 60, buyers, holdSeconds: 2, faults: [nodeFaults, serverFaults], folder };
    const { report, words } = await runChaos(stage, run);
    process.stdout.write(words);
    writeFileSync(join(folder, 'report.json'), JSON.stringify(report, null, 2));
    return report.violations.length > 0 ? 1 : 0;
  } finally {
    await stage.close();
  }
}

process.exitCode = await main();
