import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { LineFollower } from '../../support/line-follower.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { createRandom } from '../../support/create-random.js';
import { RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const service = setUpLineService();
let otherNode: Service;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  otherNode = await service.startNode();
});

afterAll(async () => {
  for (const socket of sockets) socket.close();
});

/** Connects a socket to the second node. */
async function connectToOtherNode(token?: string): Promise<TestSocket> {
  const socket = await TestSocket.connect(otherNode.url, token === undefined ? {} : { auth: { token } });
  sockets.push(socket);
  return socket;
}

describe('a seat line on two nodes', () => {
  it('has the same line tickets, offers and moves on both nodes', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([1, 1]);
    const [here, there, last] = [await service.connect(), await connectToOtherNode(), await connectToOtherNode()];
    expect(await join(here, showId)).toMatchObject({ ticket: 1 });
    expect(await join(there, showId)).toMatchObject({ ticket: 2, ahead: 1 });
    const follower = await LineFollower.join(last, showId);
    await giveBack(0);
    await here.next('queue:offer');
    await giveBack(1);
    expect((await there.next('queue:offer')).booking.seats).toHaveLength(1);
    await last.next('queue:moved', ({ head }) => head === 3);
    const { byServer, counted } = (await follower.count())!;
    expect(counted).toEqual(byServer);
    expect(byServer).toMatchObject({ ahead: 0, waiting: 1 });
    expect(follower.holes).toBe(0);
  });

  it('notifies a session on every node where it has a socket', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([1]);
    const phone = await service.connect();
    const laptop = await connectToOtherNode((await phone.session()).token);
    await join(phone, showId);
    // Without Redis, a node reads only the logs of those shows about which its clients have asked.
    await getPlace(laptop, showId);
    await giveBack(0);
    const [phoneOffer, laptopOffer] = await Promise.all([phone.next('queue:offer'), laptop.next('queue:offer')]);
    expect(laptopOffer).toEqual(phoneOffer);
  });

  it('shows a session the same place on the other node, over sockets and over REST', async () => {
    const { showId } = await service.makeFullShow([1]);
    const before = await service.connect();
    const session = await before.session();
    await getPlace(await connectToOtherNode(), showId);
    const caller = new RestCaller(otherNode.url, session);
    const place = await join(before, showId);
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toMatchObject({ ticket: place.ticket });
    await before.ask('queue:leave', { showId });
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toBeNull();
    const again = await join(before, showId);
    const after = await connectToOtherNode(session.token);
    expect(await getPlace(after, showId)).toMatchObject({ ticket: again.ticket });
    await after.ask('queue:leave', { showId });
    expect(await before.ask('show:join', { showId })).toMatchObject({ queue: null });
    const third = await join(before, showId);
    expect(await after.ask('show:join', { showId })).toMatchObject({ queue: { ticket: third.ticket } });
  });

  it('answers a long poll on one node when the line moves on the other', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([1]);
    const first = await service.connect();
    await join(first, showId);
    const caller = await RestCaller.begin(otherNode.url);
    const { body } = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    const path = `/v1/shows/${showId}/queue?wait=25&ahead=`;
    const moved = caller.call('GET', path + String(body.ahead));
    await first.ask('queue:leave', { showId });
    const { body: next } = await moved;
    expect(next).toMatchObject({ ahead: 0, waiting: 1 });
    const offered = caller.call('GET', path + String(next.ahead));
    await giveBack(0);
    expect((await offered).body).toBeNull();
  });

  it('can be counted exactly by clients on both nodes, no matter on which node it changes', async () => {
    const parties = Array<number>(20).fill(1);
    const { showId, release: giveBack } = await service.makeFullShow(parties);
    const random = createRandom(Date.now());
    const connected: TestSocket[] = [];
    for (let index = 0; index < 40; index++)
      connected.push(await (index % 2 ? connectToOtherNode() : service.connect()));
    const followers: LineFollower[] = [];
    for (let round = 0; round < 8; round++) {
      const joiners = connected.slice(round * 5, round * 5 + 5);
      const leavers = Array.from({ length: 2 }, () => connected[random((round + 1) * 5)]!);
      await Promise.all([
        ...joiners.map(async (socket) =>
          followers.push(await LineFollower.join(socket, showId, { partySize: 1 + random(2) })),
        ),
        ...leavers.map((socket) => socket.ask('queue:leave', { showId })),
        ...parties.slice(round * 2, round * 2 + 2).map((_, index) => giveBack(round * 2 + index)),
      ]);
      const counts = (await Promise.all(followers.map((follower) => follower.count()))).filter(
        (count) => count !== null,
      );
      for (const { byServer, counted, bySet } of counts) {
        expect(counted).toEqual(byServer);
        expect(bySet).toBe(byServer.ahead);
      }
    }
    expect(followers.map(({ holes }) => holes)).toEqual(connected.map(() => 0));
    expect(followers.filter(({ gaps }) => gaps === 0).length).toBeGreaterThan(0);
  });
});
