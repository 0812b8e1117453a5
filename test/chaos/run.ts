import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { check } from './checker/check.js';
import { Crowd, makeShows } from './crowd.js';
import { Dice } from './dice.js';
import { type FaultSpec, injectFaults } from './faults.js';
import { readHistory, Recorder } from './history.js';
import { formatReport, type Report, makeReport } from './report.js';
import type { Stage } from './stage.js';
import { readTables } from './tables.js';

/** Options of a chaos run on a started stage. */
export interface RunOptions {
  readonly seed: number;
  /** Duration of the phase in which buyers act and faults happen. */
  readonly seconds: number;
  /** Minimum number of answered calls. On a slow machine, the phase lasts longer to reach this number. */
  readonly answersMin?: number;
  readonly buyers: number;
  readonly holdSeconds: number;
  /** How long after the last change every map must be correct, in ms. */
  readonly correctMapMs?: number;
  /** Groups of faults. Within a group, one fault follows the other. Faults of different groups may overlap. */
  readonly faults: readonly (readonly FaultSpec[])[];
  /** Folder for the history and the nodes' logs. The run creates it if it is missing. */
  readonly folder: string;
}

/** How long after the last change the contract promises that every map is correct, in ms. */
const correctMapMsMax = 5000;

/**
 * Runs buyers on a stage and injects faults at the same time. When all faults have ended and the shows no longer
 * change, checks the recorded history and the tables against the promises.
 */
export async function runChaos(stage: Stage, options: RunOptions): Promise<{ report: Report; words: string }> {
  const { seed, seconds, buyers, holdSeconds, folder, correctMapMs = correctMapMsMax } = options;
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'history.ndjson');
  const recorder = new Recorder(path);
  const dice = new Dice(seed, 'chaos');
  const shows = await makeShows(stage.pool);
  recorder.record({ kind: 'run', seed, holdMs: holdSeconds * 1000, shows });
  const crowd = new Crowd(buyers, shows, stage.entrances, dice, recorder);
  const watches = [watchClock(stage.pool, recorder), watchLoad(recorder)];
  try {
    await watches[0]!.ready;
    const stop = AbortSignal.timeout(seconds * 1000);
    crowd.start();
    const rows = options.faults.map((kinds, row) =>
      injectFaults(kinds, { stage, dice: dice.stream(`faults ${row}`), shows, recorder, stop }),
    );
    await Promise.all([...rows, delay(seconds * 1000), waitForAnswers(options.answersMin ?? 0, recorder)]);
    await crowd.settle(stage.pool, correctMapMs);
    const tables = await Promise.all(shows.map(({ showId }) => readTables(stage.pool, showId)));
    for (const watch of watches) watch.end();
    crowd.close();
    await recorder.close();
    const entries = await readHistory(path);
    const report = makeReport(entries, check(entries, tables));
    return { report, words: formatReport(report, entries) };
  } finally {
    for (const watch of watches) watch.end();
    crowd.close();
    await stage.saveLogs(folder);
  }
}

/** Maximum time that a run waits for `answersMin` answers, in ms. */
const answersMsMax = 120_000;

async function waitForAnswers(count: number, recorder: Recorder): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let answers = 0;
  const stop = recorder.listen(({ kind }) => {
    if (kind === 'answer' && ++answers >= count) resolve();
  });
  const timer = setTimeout(resolve, answersMsMax);
  if (count > 0) await promise;
  clearTimeout(timer);
  stop();
}

interface Watch {
  readonly ready: Promise<void>;
  readonly end: () => void;
}

/** Time between two readings of the database's clock, in ms. */
const clockIntervalMs = 2000;

/**
 * Records the time of the database's clock regularly, so that the checker can convert times between that clock and the
 * recorder's.
 */
function watchClock(pool: Pool, recorder: Recorder): Watch {
  const read = async () => {
    const askedAt = performance.now();
    const { rows } = await pool.query<{ db: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as db',
    );
    const halfWay = (performance.now() - askedAt) / 2;
    // The database read its clock about half a round trip ago, so add that half.
    recorder.record({ kind: 'clock', db: rows[0]!.db + halfWay, errorMs: halfWay });
  };
  const ready = read();
  // A reading fails if the database is down. The timer starts the next reading anyway.
  const timer = setInterval(() => void read().catch(() => undefined), clockIntervalMs);
  return { ready, end: () => clearInterval(timer) };
}

const sampleIntervalMs = 100;

/** Delay of the recorder's timer, in ms, above which the machine counts as overloaded. */
const lateMsMax = 200;

/**
 * Number of runnable programs above which the machine counts as overloaded, as a moving average over about a second.
 */
const runnableMax = 3 * availableParallelism();

/** Weight of the previous average when a new sample is added. */
const meanWeight = 0.9;

/**
 * Records when the machine is too busy for fair checks of time limits. That is the case if the recorder's own timer
 * runs late or if many more programs are runnable than the machine has cores. The service has no influence on either of
 * these.
 */
function watchLoad(recorder: Recorder): Watch {
  let last = performance.now();
  let runnable = 0;
  const timer = setInterval(() => {
    const since = performance.now() - last;
    last = performance.now();
    runnable = meanWeight * runnable + (1 - meanWeight) * countRunnable();
    if (since - sampleIntervalMs > lateMsMax || runnable > runnableMax)
      recorder.record({ kind: 'overload', ms: since });
  }, sampleIntervalMs);
  return { ready: Promise.resolve(), end: () => clearInterval(timer) };
}

/**
 * Returns the number of runnable programs on Linux. Returns 0 on other systems, where only the delay of the recorder's
 * timer counts.
 */
function countRunnable(): number {
  if (!existsSync('/proc/loadavg')) return 0;
  const [, , , running = '0'] = readFileSync('/proc/loadavg', 'utf8').split(' ');
  return Number.parseInt(running, 10);
}
