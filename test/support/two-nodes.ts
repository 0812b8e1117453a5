import { afterAll, beforeAll } from '@jest/globals';
import { type Booking, Show } from '@usher/contract';
import { adminKey } from './api-keys.js';
import { readJson } from './contract-shapes.js';
import { Nodes } from './nodes.js';
import { cards, Payer } from './payer.js';
import { RedisServer } from './redis-server.js';
import { type RestAnswer, RestCaller } from './rest.js';
import { makeShow, type ShowOptions } from './show.js';

/** Two nodes on one database, with the calls that tests of changed shows share. */
export class TwoNodes {
  private started: Nodes | null = null;

  get nodes(): Nodes {
    if (!this.started) throw new Error('the nodes have not started yet; use them in a test or in a later hook');
    return this.started;
  }

  async start(env: Record<string, string>): Promise<void> {
    const settings = { ADMIN_API_KEY: adminKey, SESSION_SECRET: 's'.repeat(32), ...env };
    this.started = await Nodes.start([settings, settings]);
  }

  async close(): Promise<void> {
    await this.started?.close();
  }

  url(node: number): string {
    return this.nodes.services[node]!.url;
  }

  show(options: ShowOptions = {}): Promise<number> {
    return makeShow(this.nodes.pool, options);
  }

  /** Sends an administrator's call to the first node. The call must succeed. */
  async administrate(method: string, path: string, body?: unknown, key = adminKey): Promise<RestAnswer['body']> {
    const caller = await RestCaller.begin(this.url(0));
    const answer = await caller.call(method, `/v1/admin/shows/${path}`, body, { 'x-api-key': key });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async readShow(node: number, showId: number): Promise<Show> {
    return readJson(Show, await fetch(`${this.url(node)}/v1/shows/${showId}`));
  }

  /** Creates a buyer with a paid seat, and a caller with the buyer's session for each node. */
  async createPaidBuyer(
    showId: number,
    seats: readonly number[],
  ): Promise<{ booking: Booking; callers: readonly RestCaller[] }> {
    const first = await RestCaller.begin(this.url(0));
    const payer = new Payer(first);
    const held = await payer.hold(showId, seats);
    const socket = await this.nodes.connect(0, first.session.token);
    await payer.startAndPay(held, cards.good);
    await socket.next('booking:updated', ({ booking }) => booking.status === 'booked');
    return {
      booking: await payer.booking(held),
      callers: [first, new RestCaller(this.url(1), first.session)],
    };
  }
}

/** Starts two nodes without Redis before the first test of a block. */
export function setUpTwoNodes(): TwoNodes {
  const twoNodes = new TwoNodes();
  beforeAll(() => twoNodes.start({}));
  afterAll(() => twoNodes.close());
  return twoNodes;
}

/** Starts two nodes that share one Redis before the first test of a block. @param env returns further settings */
export function setUpTwoNodesOnRedis(env: () => Record<string, string> = () => ({})): TwoNodes {
  const twoNodes = new TwoNodes();
  const servers: RedisServer[] = [];
  beforeAll(async () => {
    const redis = await RedisServer.start();
    servers.push(redis);
    await twoNodes.start({ REDIS_URL: redis.url, ...env() });
  });
  afterAll(async () => {
    await twoNodes.close();
    for (const redis of servers) await redis.kill();
  });
  return twoNodes;
}
