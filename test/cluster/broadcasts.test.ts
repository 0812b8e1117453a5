import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Nodes } from '../support/nodes.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RedisCluster, RedisServer } from '../support/redis-server.js';
import { makeShow } from '../support/show.js';
import type { TestSocket } from '../support/socket.js';

/**
 * Time limit for an event that a message from another node causes, in ms. Without messages, nodes catch up only every
 * 2.5 s.
 */
const messageMsMax = 1000;

/**
 * A client that follows a show's versions by the contract's rule. It counts the messages before which a version is
 * missing.
 */
class Follower {
  gapCount = 0;

  private constructor(
    readonly socket: TestSocket,
    readonly showId: number,
    public version: number,
  ) {}

  static async join(socket: TestSocket, showId: number): Promise<Follower> {
    const joined = await socket.joinOpen(showId);
    return new Follower(socket, showId, joined.version);
  }

  /** Applies `seats:changed` events until the client has reached the version. */
  async reach(version: number): Promise<void> {
    while (this.version < version) {
      const { from, version: to } = await this.socket.next('seats:changed', undefined, messageMsMax);
      if (from > this.version) this.gapCount++;
      this.version = Math.max(this.version, to);
    }
  }
}

describeWithRedis('nodes on one Redis', () => {
  let redis: RedisServer;
  let nodes: Nodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    nodes = await Nodes.start(Array.from({ length: 3 }, () => ({ REDIS_URL: redis.url })));
  });

  afterAll(async () => {
    await nodes.close();
    await redis.stop();
  });

  it('notify every socket of a session when one of the sockets joins a line, leaves it or releases an offer', async () => {
    const showId = await makeShow(nodes.pool, { rows: 1, seatsPerRow: 1 });
    const holder = await nodes.connect(2);
    const { booking } = await holder.ask('reservation:create', { showId, seats: [0] });
    const here = await nodes.connect(0);
    const { token } = await here.session();
    // Only the second node has a viewer of the show.
    const tabs = [await nodes.connect(0, token), await nodes.connect(1, token), await nodes.connect(2, token)];
    await tabs[1]!.ask('show:join', { showId });

    const { queue } = await here.ask('queue:join', { showId, partySize: 1 });
    for (const tab of tabs) expect((await tab.next('queue:joined', undefined, messageMsMax)).queue).toEqual(queue);
    await here.ask('queue:leave', { showId });
    for (const socket of [here, ...tabs]) {
      const left = await socket.next('queue:left', undefined, messageMsMax);
      expect(left).toEqual({ showId, line: 'seats', ticket: queue.ticket });
    }

    await here.ask('queue:join', { showId, partySize: 1 });
    await holder.ask('reservation:release', { bookingId: booking.bookingId });
    const offers = await Promise.all(
      [here, ...tabs].map((socket) => socket.next('queue:offer', undefined, messageMsMax)),
    );
    const offer = offers[0]!.booking;
    for (const { booking: same } of offers) expect(same).toEqual(offer);
    await here.ask('reservation:release', { bookingId: offer.bookingId });
    for (const socket of [here, ...tabs]) {
      await socket.next('booking:updated', ({ booking: { status } }) => status === 'released', messageMsMax);
      // The offer had already ended the session's wait, so releasing the offered seats sends no `queue:left`.
      expect(socket.received.filter(({ event }) => event === 'queue:left')).toEqual([]);
    }
  });

  it('notify every socket of a session when one of the sockets leaves the waiting room', async () => {
    const showId = await makeShow(nodes.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await (await nodes.connect(2)).ask('show:join', { showId });
    const here = await nodes.connect(0);
    const there = await nodes.connect(1, (await here.session()).token);
    const { queue } = await here.ask('show:join', { showId });
    expect(await there.ask('show:join', { showId })).toMatchObject({ queue: { ticket: queue!.ticket } });
    await here.ask('queue:leave', { showId });
    for (const socket of [here, there]) {
      expect(await socket.next('queue:left', undefined, messageMsMax)).toEqual({
        showId,
        line: 'entry',
        ticket: queue!.ticket,
      });
    }
  });

  it('send a change at once to the viewers on all nodes', async () => {
    const showId = await makeShow(nodes.pool);
    const viewers = await Promise.all([0, 1, 2].map((node) => nodes.connect(node)));
    for (const viewer of viewers) await viewer.ask('show:join', { showId });
    const buyer = await nodes.connect(0);
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [3, 4] });
    for (const viewer of viewers) {
      const change = await viewer.next('seats:changed', undefined, messageMsMax);
      expect(change).toEqual({ showId, from: 0, version: 1, held: [3, 4] });
    }
    await (
      await nodes.connect(1, (await buyer.session()).token)
    ).ask('reservation:release', { bookingId: booking.bookingId });
    for (const viewer of viewers)
      expect((await viewer.next('seats:changed', undefined, messageMsMax)).free).toEqual([3, 4]);
  });

  it('send every version to every viewer without a gap, no matter which node committed it', async () => {
    const showId = await makeShow(nodes.pool, { rows: 20, seatsPerRow: 20 });
    const followers = await Promise.all(
      [0, 1, 2].map(async (node) => Follower.join(await nodes.connect(node), showId)),
    );
    const buyers = await Promise.all(Array.from({ length: 24 }, (_, index) => nodes.connect(index % 3)));
    for (let round = 0; round < 5; round++) {
      const seatsOf = (index: number) => [round * 48 + index * 2, round * 48 + index * 2 + 1];
      const answers = await Promise.all(
        buyers.map((buyer, index) => buyer.ask('reservation:create', { showId, seats: seatsOf(index) })),
      );
      const version = Math.max(...answers.map(({ booking }) => booking.version));
      for (const follower of followers) await follower.reach(version);
    }
    expect(followers.map(({ gapCount }) => gapCount)).toEqual([0, 0, 0]);
  });

  it('send booking updates to all other sockets of the session, on any node and even outside the show', async () => {
    const showId = await makeShow(nodes.pool);
    const phone = await nodes.connect(0);
    const { token } = await phone.session();
    const laptop = await nodes.connect(1, token);
    const tablet = await nodes.connect(2, token);
    await tablet.ask('show:join', { showId });
    const { booking } = await phone.ask('reservation:create', { showId, best: { count: 2 } });
    for (const socket of [laptop, tablet])
      expect(await socket.next('booking:updated', undefined, messageMsMax)).toEqual({ booking });
    await laptop.ask('reservation:release', { bookingId: booking.bookingId });
    for (const socket of [phone, tablet]) {
      expect((await socket.next('booking:updated', undefined, messageMsMax)).booking.status).toBe('released');
    }
    expect(tablet.received.filter(({ event }) => event === 'booking:updated')).toEqual([]);
  });

  it('send an offer to every socket of the session, on whichever node it is', async () => {
    const showId = await makeShow(nodes.pool, { rows: 1, seatsPerRow: 1 });
    const holder = await nodes.connect(2);
    const { booking } = await holder.ask('reservation:create', { showId, seats: [0] });
    const waiter = await nodes.connect(0);
    await waiter.ask('queue:join', { showId, partySize: 1 });
    const elsewhere = await nodes.connect(1, (await waiter.session()).token);
    await holder.ask('reservation:release', { bookingId: booking.bookingId });
    const [here, there] = await Promise.all(
      [waiter, elsewhere].map((socket) => socket.next('queue:offer', undefined, messageMsMax)),
    );
    expect(there).toEqual(here);
  });

  it('subscribe to a show only as long as they have a viewer of the show', async () => {
    const showId = await makeShow(nodes.pool);
    const { rows } = await nodes.pool.query<{ identity: string }>('select identity from database_identity');
    const channel = `usher:${rows[0]!.identity}#/#show:${showId}#`;
    const subscriberCount = async () => redis.runCommand('PUBSUB', 'SHARDNUMSUB', channel);
    const [viewer, other] = await Promise.all([nodes.connect(0), nodes.connect(1)]);
    await viewer.ask('show:join', { showId });
    await other.ask('show:join', { showId });
    await expect(subscriberCount()).resolves.toEqual([channel, 2]);
    await other.ask('show:leave', { showId });
    await expect(subscriberCount()).resolves.toEqual([channel, 1]);
  });

  it('send every version to a viewer who joins during sales as the first viewer of the show on a node', async () => {
    const shows = await Promise.all(
      Array.from({ length: 20 }, () => makeShow(nodes.pool, { rows: 2, seatsPerRow: 20 })),
    );
    const buyers = await Promise.all(Array.from({ length: 4 }, () => nodes.connect(0)));
    await Promise.all(
      shows.map(async (showId) => {
        const viewer = await nodes.connect(1);
        const [follower, ...bookings] = await Promise.all([
          Follower.join(viewer, showId),
          ...Array.from({ length: 20 }, (_, seat) =>
            buyers[seat % 4]!.ask('reservation:create', { showId, seats: [seat * 2] }),
          ),
        ]);
        const reached = follower.reach(Math.max(...bookings.map(({ booking }) => booking.version)));
        await expect(reached).resolves.toBeUndefined();
      }),
    );
  });
});

describeWithRedis('nodes on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let nodes: Nodes;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    nodes = await Nodes.start(Array.from({ length: 2 }, () => ({ REDIS_URL: cluster.urls })));
  });

  afterAll(async () => {
    await nodes.close();
    await cluster.stop();
  });

  it('send changes to viewers on another node, no matter which shard has the channel of the show', async () => {
    const shows = await Promise.all(Array.from({ length: 12 }, () => makeShow(nodes.pool)));
    const [viewer, buyer] = await Promise.all([nodes.connect(0), nodes.connect(1)]);
    for (const showId of shows) await viewer.ask('show:join', { showId });
    for (const showId of shows) {
      await buyer.ask('reservation:create', { showId, seats: [0] });
      await viewer.next('seats:changed', (change) => change.showId === showId, messageMsMax);
    }
    const perShard = await Promise.all(cluster.servers.map((server) => server.listChannels('*show:*')));
    expect(perShard.map((channels) => channels.length).every((count) => count > 0)).toBe(true);
  });
});
