import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { findFreePort } from '../../src/common/free-port.js';
import { testEnvironment } from '../support/database.js';
import { PostgresServer } from '../support/postgres-server.js';
import { ServiceProcess } from '../support/service-process.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** Viewers on the node that dies. The README's figure is of 10,000. */
const viewers = Number(process.env.STORM_VIEWERS ?? 1000);

/** How long they may take, on a busy machine. */
const backMsMax = 60_000 + viewers * 10;

interface Said {
  readonly seeing: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The viewers, in a process of their own. */
class Viewers {
  last: Said = { seeing: 0, p50: 0, p99: 0, max: 0 };

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trimEnd().split('\n').at(-1);
      if (line) this.last = JSON.parse(line) as Said;
    });
  }

  async until(fits: (said: Said) => boolean): Promise<void> {
    const signal = AbortSignal.timeout(backMsMax);
    while (!fits(this.last)) await once(this.child.stdout!, 'data', { signal });
  }
}

/** What a counting node said last. */
function mapsOf(node: ServiceProcess): { answered: number; encoded: number } {
  const last = [...node.output.matchAll(/maps (\d+) encoded (\d+)/g)].at(-1);
  return { answered: Number(last?.[1] ?? 0), encoded: Number(last?.[2] ?? 0) };
}

describe('a node with many viewers that dies', () => {
  let postgres: PostgresServer;
  let pool: pg.Pool;
  let children: Viewers | undefined;
  const nodes: ServiceProcess[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  }, 60_000);

  afterAll(async () => {
    children?.child.kill('SIGKILL');
    for (const node of nodes) await node.end('SIGKILL');
    await pool.end();
    await postgres.remove();
  });

  it(
    'leaves them with the next one, each with a right map, few of which were encoded',
    async () => {
      const env = testEnvironment(postgres.url, { SOCKETS_PER_ADDRESS_MAX: '100000' });
      const ports = [await findFreePort(), await findFreePort()];
      const urls = ports.map((port) => `http://127.0.0.1:${port}`);
      for (const port of ports) {
        const node = ServiceProcess.start({ ...env, PORT: String(port) }, 'test/chaos/storm/counting-node.mjs');
        nodes.push(node);
        await node.waitUntilReady(60_000);
      }
      const showId = await makeShow(pool, { rows: 40, seatsPerRow: 50 });
      // A balancer that brings a show's viewers to one node, and to the next when that is gone: so here by hand.
      const stop = new AbortController();
      const buying = buy(urls[1]!, showId, stop.signal);
      const argument = JSON.stringify({ urls: [urls[0]], showId, count: viewers, atOnce: 50 });
      const child = spawn(process.execPath, ['test/chaos/storm/clients.mjs', argument], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children = new Viewers(child);
      await children.until(({ seeing }) => seeing === viewers);
      child.kill('SIGUSR2'); // from now on it counts how long they take to come back
      await nodes[0]!.end('SIGKILL');
      const second = ServiceProcess.start({ ...env, PORT: String(ports[0]) }, 'test/chaos/storm/counting-node.mjs');
      nodes.push(second);
      await children.until(({ seeing }) => seeing < viewers);
      await children.until(({ seeing }) => seeing === viewers);
      await delay(400); // what the node said of its maps is up to 200 ms old
      stop.abort();
      const { answered, encoded } = mapsOf(second);
      const { p50, p99, max } = children.last;
      const made = await buying;
      process.stdout.write(
        `${viewers} viewers back after p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms (the node's start is in it); ` +
          `${answered} maps answered, ${encoded} encoded (${(encoded / answered).toFixed(4)} a join), ${made} reservations meanwhile\n`,
      );
      expect(answered).toBeGreaterThanOrEqual(viewers);
      expect(encoded / answered).toBeLessThan(0.2);
    },
    backMsMax * 3,
  );
});

/** Somebody who goes on buying at another node, so that the map does not stay the same. */
async function buy(url: string, showId: number, stop: AbortSignal): Promise<number> {
  const buyer = await TestSocket.connect(url);
  let made = 0;
  while (!stop.aborted) {
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [made % 2000] });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    made++;
    await delay(50);
  }
  buyer.close();
  return made;
}
