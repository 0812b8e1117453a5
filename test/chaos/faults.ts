import { setTimeout as delay } from 'node:timers/promises';
import { connectIdle, type IdleViewer } from './idle-viewer.js';
import type { Dice } from './dice.js';
import type { ChaosShow, Recorder, Takes } from './history.js';
import type { Stage, StageNode } from './stage.js';

/** What a fault does to the stage. The seed decides where and for how long. */
export interface FaultSpec {
  readonly name: string;
  readonly takes: Takes;
  /** Breaks something. @returns mends it again */
  readonly begin: (context: FaultContext) => Promise<{ readonly target: string; readonly mend: () => Promise<void> }>;
  /** How long it lasts, in ms. */
  readonly lasts: { readonly from: number; readonly to: number };
}

interface FaultContext {
  readonly stage: Stage;
  readonly dice: Dice;
  readonly shows: readonly ChaosShow[];
  /** One that runs, and that nothing else is being done to. */
  readonly node: StageNode;
}

const at = (from: number, to: number) => ({ from, to });

/** What happens to nodes. */
export const nodeFaults: readonly FaultSpec[] = [
  {
    name: 'node killed',
    takes: 'nothing',
    lasts: at(200, 1500),
    begin: async ({ node }) => {
      await node.kill();
      return { target: node.name, mend: () => node.start() };
    },
  },
  {
    name: 'all nodes killed',
    takes: 'nodes',
    lasts: at(100, 500),
    begin: async ({ stage }) => {
      await Promise.all(stage.nodes.map((node) => node.kill()));
      const mend = async () => void (await Promise.all(stage.nodes.map((node) => node.start())));
      return { target: 'all', mend };
    },
  },
  {
    name: 'node frozen',
    takes: 'lock',
    lasts: at(500, 4000),
    begin: async ({ node }) => {
      node.freeze();
      return { target: node.name, mend: async () => node.thaw() };
    },
  },
  {
    name: 'rolling restart',
    takes: 'nothing',
    lasts: at(0, 10),
    begin: async ({ stage }) => {
      const mend = async () => {
        for (const node of stage.nodes) {
          await node.leave();
          await node.start();
        }
      };
      return { target: 'all', mend };
    },
  },
];

/** What happens to the servers behind the nodes, to the lines to them, and in front. */
export const serverFaults: readonly FaultSpec[] = [
  {
    name: 'Redis killed',
    takes: 'nothing',
    lasts: at(200, 2500),
    begin: async ({ stage: { redis } }) => {
      await redis.kill();
      return { target: 'redis', mend: () => redis.launch() };
    },
  },
  {
    name: 'Redis frozen',
    takes: 'nothing',
    lasts: at(500, 4000),
    begin: async ({ stage: { redis } }) => {
      redis.freeze();
      return { target: 'redis', mend: async () => redis.thaw() };
    },
  },
  postgresRestarted('fast'),
  postgresRestarted('immediate'),
  {
    name: 'PostgreSQL frozen',
    takes: 'database',
    lasts: at(500, 3000),
    begin: async ({ stage: { postgres } }) => {
      postgres.freeze();
      return { target: 'postgres', mend: async () => postgres.thaw() };
    },
  },
  lineBroken('Redis cut off from a node', 'nothing', 'toRedis', 'cut'),
  lineBroken('Redis silent for a node', 'nothing', 'toRedis', 'silence'),
  lineBroken('PostgreSQL cut off from a node', 'nothing', 'toPostgres', 'cut'),
  lineBroken('PostgreSQL silent for a node', 'lock', 'toPostgres', 'silence'),
  {
    name: 'viewers that do not read',
    takes: 'nothing',
    lasts: at(1000, 3000),
    begin: async ({ node, shows, dice }) => {
      const viewers: IdleViewer[] = [];
      for (let count = 0; count < 10; count++) viewers.push(await connectIdle(node.url, dice.pick(shows).showId));
      return { target: node.name, mend: async () => viewers.forEach((viewer) => viewer.close()) };
    },
  },
];

function postgresRestarted(how: 'fast' | 'immediate'): FaultSpec {
  return {
    name: `PostgreSQL restarted (${how})`,
    takes: 'database',
    lasts: at(0, 800),
    begin: async ({ stage: { postgres } }) => {
      await postgres.stop(how);
      return { target: 'postgres', mend: () => postgres.restart() };
    },
  };
}

function lineBroken(name: string, takes: Takes, line: 'toRedis' | 'toPostgres', how: 'cut' | 'silence'): FaultSpec {
  return {
    name,
    takes,
    lasts: at(500, 3500),
    begin: async ({ node }) => {
      node[line][how]();
      return { target: node.name, mend: async () => node[line].mend() };
    },
  };
}

/** Pause between the end of a fault and the next one of its row. */
const pauseMs = { from: 300, to: 1500 };

/**
 * Breaks things, one after the other: each kind once before any comes again, in an order, at places and for times that
 * the seed decides. Mends each before it goes on.
 */
export async function injectFaults(
  kinds: readonly FaultSpec[],
  { stage, dice, shows, recorder, stop }: Injection,
): Promise<void> {
  let deck: FaultSpec[] = [];
  while (!stop.aborted) {
    if (deck.length === 0) deck = dice.shuffled(kinds);
    await pause(dice.between(pauseMs.from, pauseMs.to), stop);
    if (stop.aborted) return;
    const { name: fault, takes, begin, lasts } = deck.pop()!;
    const running = stage.nodes.filter(({ isRunning }) => isRunning);
    if (running.length === 0) continue;
    const write = (target: string, phase: 'begins' | 'ends') =>
      recorder.record({ kind: 'fault', fault, target, phase, takes });
    const node = dice.pick(running);
    write(node.name, 'begins');
    const { target, mend } = await begin({ stage, dice, shows, node });
    await delay(dice.between(lasts.from, lasts.to));
    await mend();
    write(target, 'ends');
  }
}

/** What an injection needs. */
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
