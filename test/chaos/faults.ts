import { setTimeout as delay } from 'node:timers/promises';
import { connectIdle, type IdleViewer } from './idle-viewer.js';
import type { Dice } from './dice.js';
import type { ChaosShow, Recorder, Outage } from './history.js';
import type { Stage, StageNode } from './stage.js';

/**
 * A kind of fault that a chaos run injects. The stage runs three real nodes behind nginx, with a real PostgreSQL and a
 * real Redis. Node faults kill, freeze or restart nodes. Server faults kill, freeze, restart or disconnect PostgreSQL
 * or Redis, or connect viewers that do not read their messages. The seed decides the order, the targets and the
 * durations of the faults.
 */
export interface FaultSpec {
  readonly name: string;
  readonly outage: Outage;
  /** Injects the fault. Returns the name of its target and a function that ends the fault. */
  readonly begin: (context: FaultContext) => Promise<{ readonly target: string; readonly mend: () => Promise<void> }>;
  /** Shortest and longest duration of the fault, in ms. */
  readonly durationMs: { readonly from: number; readonly to: number };
}

interface FaultContext {
  readonly stage: Stage;
  readonly dice: Dice;
  readonly shows: readonly ChaosShow[];
  /** The randomly chosen running node on which the fault acts if it needs only one node. */
  readonly node: StageNode;
}

const range = (from: number, to: number) => ({ from, to });

/** Faults that hit nodes. */
export const nodeFaults: readonly FaultSpec[] = [
  {
    name: 'node killed',
    outage: 'nothing',
    durationMs: range(200, 1500),
    begin: async ({ node }) => {
      await node.kill();
      return { target: node.name, mend: () => node.start() };
    },
  },
  {
    name: 'all nodes killed',
    outage: 'nodes',
    durationMs: range(100, 500),
    begin: async ({ stage }) => {
      await Promise.all(stage.nodes.map((node) => node.kill()));
      const mend = async () => void (await Promise.all(stage.nodes.map((node) => node.start())));
      return { target: 'all', mend };
    },
  },
  {
    name: 'node frozen',
    outage: 'lock',
    durationMs: range(500, 4000),
    begin: async ({ node }) => {
      node.freeze();
      return { target: node.name, mend: async () => node.thaw() };
    },
  },
  {
    name: 'rolling restart',
    outage: 'nothing',
    durationMs: range(0, 10),
    begin: async ({ stage }) => {
      const mend = async () => {
        for (const node of stage.nodes) {
          await node.shutDown();
          await node.start();
        }
      };
      return { target: 'all', mend };
    },
  },
];

/** Faults of PostgreSQL and Redis and of the connections to them, and viewers that do not read their messages. */
export const serverFaults: readonly FaultSpec[] = [
  {
    name: 'Redis killed',
    outage: 'nothing',
    durationMs: range(200, 2500),
    begin: async ({ stage: { redis } }) => {
      await redis.kill();
      return { target: 'redis', mend: () => redis.launch() };
    },
  },
  {
    name: 'Redis frozen',
    outage: 'nothing',
    durationMs: range(500, 4000),
    begin: async ({ stage: { redis } }) => {
      redis.freeze();
      return { target: 'redis', mend: async () => redis.thaw() };
    },
  },
  restartPostgres('fast'),
  restartPostgres('immediate'),
  {
    name: 'PostgreSQL frozen',
    outage: 'database',
    durationMs: range(500, 3000),
    begin: async ({ stage: { postgres } }) => {
      postgres.freeze();
      return { target: 'postgres', mend: async () => postgres.thaw() };
    },
  },
  breakNodeConnection('Redis cut off from a node', 'nothing', 'redisProxy', 'cut'),
  breakNodeConnection('Redis does not answer a node', 'nothing', 'redisProxy', 'silence'),
  breakNodeConnection('PostgreSQL cut off from a node', 'nothing', 'postgresProxy', 'cut'),
  breakNodeConnection('PostgreSQL does not answer a node', 'lock', 'postgresProxy', 'silence'),
  {
    name: 'viewers that do not read',
    outage: 'nothing',
    durationMs: range(1000, 3000),
    begin: async ({ node, shows, dice }) => {
      const viewers: IdleViewer[] = [];
      for (let count = 0; count < 10; count++) viewers.push(await connectIdle(node.url, dice.pick(shows).showId));
      return { target: node.name, mend: async () => viewers.forEach((viewer) => viewer.close()) };
    },
  },
];

function restartPostgres(how: 'fast' | 'immediate'): FaultSpec {
  return {
    name: `PostgreSQL restarted (${how})`,
    outage: 'database',
    durationMs: range(0, 800),
    begin: async ({ stage: { postgres } }) => {
      await postgres.stop(how);
      return { target: 'postgres', mend: () => postgres.restart() };
    },
  };
}

function breakNodeConnection(
  name: string,
  outage: Outage,
  line: 'redisProxy' | 'postgresProxy',
  how: 'cut' | 'silence',
): FaultSpec {
  return {
    name,
    outage,
    durationMs: range(500, 3500),
    begin: async ({ node }) => {
      node[line][how]();
      return { target: node.name, mend: async () => node[line].mend() };
    },
  };
}

/** Pause between the end of a fault and the start of the next fault of the same group, in ms. */
const pauseMs = { from: 300, to: 1500 };

/**
 * Injects faults until `stop` aborts. Each fault ends before the next one begins. No kind of fault repeats until every
 * other kind has had its turn. The seed decides the order, the targets and the durations.
 */
export async function injectFaults(
  kinds: readonly FaultSpec[],
  { stage, dice, shows, recorder, stop }: Injection,
): Promise<void> {
  let deck: FaultSpec[] = [];
  while (!stop.aborted) {
    if (deck.length === 0) deck = dice.shuffle(kinds);
    await pause(dice.between(pauseMs.from, pauseMs.to), stop);
    if (stop.aborted) return;
    const { name: fault, outage, begin, durationMs } = deck.pop()!;
    const running = stage.nodes.filter(({ isRunning }) => isRunning);
    if (running.length === 0) continue;
    const write = (target: string, phase: 'begins' | 'ends') =>
      recorder.record({ kind: 'fault', fault, target, phase, outage });
    const node = dice.pick(running);
    write(node.name, 'begins');
    const { target, mend } = await begin({ stage, dice, shows, node });
    await delay(dice.between(durationMs.from, durationMs.to));
    await mend();
    write(target, 'ends');
  }
}

/** What {@link injectFaults} needs besides the kinds of faults. */
export interface Injection {
  readonly stage: Stage;
  readonly dice: Dice;
  readonly shows: readonly ChaosShow[];
  readonly recorder: Recorder;
  readonly stop: AbortSignal;
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
