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
import { inWords, type Report, reportOf } from './report.js';
import type { Stage } from './stage.js';
import { readTables } from './tables.js';

/** What a run does on a stage that stands. */
export interface RunOptions {
  readonly seed: number;
  /** How long buyers buy and things break. */
  readonly seconds: number;
  /** However slow the machine is, they go on until so many calls were answered. */
  readonly answersMin?: number;
  readonly buyers: number;
  readonly holdSeconds: number;
  /** How long after the last change every map has to be right. */
  readonly rightWithinMs?: number;
  /** Rows of faults: one fault of each row at a time. */
  readonly faults: readonly (readonly FaultSpec[])[];
  /** Where the history and the nodes' logs are written; made where it is missing. */
  readonly folder: string;
}

/** The contract's time after the last change by which every map is right. */
const contractMs = 5000;

/** Lets a crowd loose on a stage, breaks it, mends it, and holds what was seen against what is promised. */
export async function runChaos(stage: Stage, options: RunOptions): Promise<{ report: Report; words: string }> {
  const { seed, seconds, buyers, holdSeconds, folder, rightWithinMs = contractMs } = options;
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'history.ndjson');
  const recorder = new Recorder(path);
  const dice = new Dice(seed, 'chaos');
  const shows = await makeShows(stage.pool);
  recorder.record({ kind: 'run', seed, holdMs: holdSeconds * 1000, shows });
  const crowd = new Crowd(buyers, shows, stage.doors, dice, recorder);
  const watches = [watchClock(stage.pool, recorder), watchMachine(recorder)];
  try {
    await watches[0]!.ready;
    const stop = AbortSignal.timeout(seconds * 1000);
    crowd.begin();
    const rows = options.faults.map((kinds, row) =>
      injectFaults(kinds, { stage, dice: dice.stream(`faults ${row}`), shows, recorder, stop }),
    );
    await Promise.all([...rows, delay(seconds * 1000), answered(options.answersMin ?? 0, recorder)]);
    await crowd.settle(stage.pool, rightWithinMs);
    const tables = await Promise.all(shows.map(({ showId }) => readTables(stage.pool, showId)));
    for (const watch of watches) watch.end();
    crowd.close();
    await recorder.close();
    const entries = await readHistory(path);
    const report = reportOf(entries, check(entries, tables));
    return { report, words: inWords(report, entries) };
  } finally {
    for (const watch of watches) watch.end();
    crowd.close();
    await stage.saveLogs(folder);
  }
}

/** How long so many answers are waited for. */
const answersMsMax = 120_000;

async function answered(count: number, recorder: Recorder): Promise<void> {
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

/** How often the database's clock is read. */
const clockMs = 2000;

/** Writes down what the database's clock says, so that its times can be held against the recorder's. */
function watchClock(pool: Pool, recorder: Recorder): Watch {
  const read = async () => {
    const asked = performance.now();
    const { rows } = await pool.query<{ db: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as db',
    );
    const halfWay = (performance.now() - asked) / 2;
    // Written down now, read half way ago.
    recorder.record({ kind: 'clock', db: rows[0]!.db + halfWay, errorMs: halfWay });
  };
  const ready = read();
  // While the database is away its clock says nothing.
  const timer = setInterval(() => void read().catch(() => undefined), clockMs);
  return { ready, end: () => clearInterval(timer) };
}

const lookMs = 100;

/** Being late by more than this is written down. */
const lateMsMax = 200;

/** Programs that may be ready to run at once, as a mean of some seconds, before the machine counts as overloaded. */
const runnableMax = 3 * availableParallelism();

/** What the mean keeps of its last value at each look. */
const keptShare = 0.9;

/**
 * Notes when the machine has too much to do to judge anybody by time: the recorder itself did not run, or many more
 * programs than it has cores were ready to. Neither asks the service.
 */
function watchMachine(recorder: Recorder): Watch {
  let last = performance.now();
  let runnable = 0;
  const timer = setInterval(() => {
    const since = performance.now() - last;
    last = performance.now();
    runnable = keptShare * runnable + (1 - keptShare) * runnableNow();
    if (since - lookMs > lateMsMax || runnable > runnableMax) recorder.record({ kind: 'overload', ms: since });
  }, lookMs);
  return { ready: Promise.resolve(), end: () => clearInterval(timer) };
}

/** Linux says so; where nothing does, the recorder's own lateness has to do. */
function runnableNow(): number {
  if (!existsSync('/proc/loadavg')) return 0;
  const [, , , running = '0'] = readFileSync('/proc/loadavg', 'utf8').split(' ');
  return Number.parseInt(running, 10);
}
