import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import getPort from 'get-port';
import { z } from 'zod';
import { parseJson } from '../support/contract-shapes.js';
import { testEnvironment } from '../support/database.js';
import { PostgresServer } from '../support/postgres-server.js';
import { ServiceProcess } from '../support/service-process.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** Number of viewers on the node that dies. The figures in docs/benchmarks.md were measured with 10,000 viewers. */
const viewers = Number(process.env.STORM_VIEWERS ?? 1000);

/** Maximum time until all viewers are back, in ms. Long enough for a busy machine. */
const recoveryMsMax = 60_000 + viewers * 10;

const StormStatus = z.object({ seeing: z.number(), p50: z.number(), p99: z.number(), max: z.number() });
type StormStatus = z.infer<typeof StormStatus>;

/** The viewers, which run in a separate process. */
class Viewers {
  last: StormStatus = { seeing: 0, p50: 0, p99: 0, max: 0 };

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trimEnd().split('\n').at(-1);
      if (line) this.last = parseJson(StormStatus, line);
    });
  }

  async waitFor(matches: (status: StormStatus) => boolean): Promise<void> {
    const signal = AbortSignal.timeout(recoveryMsMax);
    while (!matches(this.last)) await once(this.child.stdout!, 'data', { signal });
  }
}

/** Returns the last map counts that a node started with counting-node.mjs printed. */
function readMapCounts(node: ServiceProcess): { answered: number; encoded: number } {
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
    'loses no viewer, and the node that replaces it encodes far fewer maps than it sends',
    async () => {
      const env = testEnvironment(postgres.url, {
        SOCKETS_PER_ADDRESS_MAX: '100000',
        CONNECTIONS_PER_ADDRESS_MAX: '100000',
        ADDRESS_PACKETS_PER_SECOND_MAX: '100000',
      });
      const ports = [await getPort({ host: '127.0.0.1' }), await getPort({ host: '127.0.0.1' })];
      const urls = ports.map((port) => `http://127.0.0.1:${port}`);
      for (const port of ports) {
        const node = ServiceProcess.start({ ...env, PORT: String(port) }, 'test/chaos/storm/counting-node.mjs');
        nodes.push(node);
        await node.waitUntilReady(60_000);
      }
      const showId = await makeShow(pool, { rows: 40, seatsPerRow: 50 });
      // The test acts as the load balancer. It sends all viewers to the first node, and later to the node that replaces
      // it.
      const stop = new AbortController();
      const buying = buy(urls[1]!, showId, stop.signal);
      const argument = JSON.stringify({ urls: [urls[0]], showId, count: viewers, atOnce: 50 });
      const child = spawn(process.execPath, ['test/chaos/storm/clients.mjs', argument], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children = new Viewers(child);
      await children.waitFor(({ seeing }) => seeing === viewers);
      child.kill('SIGUSR2'); // the child forgets the first connections, so that it measures only reconnections
      await nodes[0]!.end('SIGKILL');
      const second = ServiceProcess.start({ ...env, PORT: String(ports[0]) }, 'test/chaos/storm/counting-node.mjs');
      nodes.push(second);
      await children.waitFor(({ seeing }) => seeing < viewers);
      await children.waitFor(({ seeing }) => seeing === viewers);
      await delay(400); // the node prints its counts every 200 ms
      stop.abort();
      const { answered, encoded } = readMapCounts(second);
      const { p50, p99, max } = children.last;
      const made = await buying;
      process.stdout.write(
        `${viewers} viewers back after p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms (the node's start is in it); ` +
          `${answered} maps answered, ${encoded} encoded (${(encoded / answered).toFixed(4)} a join), ${made} reservations meanwhile\n`,
      );
      expect(answered).toBeGreaterThanOrEqual(viewers);
      expect(encoded / answered).toBeLessThan(0.2);
    },
    recoveryMsMax * 3,
  );
});

/**
 * Reserves and releases seats until `stop` aborts, so that the map keeps changing. Returns the number of reservations.
 */
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
