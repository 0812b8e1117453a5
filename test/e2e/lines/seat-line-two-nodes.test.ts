import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import { testEnvironment } from '../../support/database.js';
import { LineFollower } from '../../support/line-follower.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { randomOf } from '../../support/random.js';
import { RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

let service: LineService;
let other: Service;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  service = await LineService.start();
  other = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
});

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await other.close();
  await service.close();
});

/** A socket on the second node. */
async function connectThere(token?: string): Promise<TestSocket> {
  const socket = await TestSocket.connect(other.url, token === undefined ? {} : { auth: { token } });
  sockets.push(socket);
  return socket;
}

describe('a line on two nodes', () => {
  it('is one line: tickets, offers and moves are the same on both', async () => {
    const { showId, giveBack } = await service.show([1, 1]);
    const [here, there, last] = [await service.connect(), await connectThere(), await connectThere()];
    expect(await join(here, showId)).toMatchObject({ ticket: 1 });
    expect(await join(there, showId)).toMatchObject({ ticket: 2, ahead: 1 });
    const follower = await LineFollower.join(last, showId);
    await giveBack(0);
    await here.next('queue:offer');
    await giveBack(1);
    expect((await there.next('queue:offer')).booking.seats).toHaveLength(1);
    await last.next('queue:moved', ({ head }) => head === 3);
    const { told, counted } = (await follower.count())!;
    expect(counted).toEqual(told);
    expect(told).toMatchObject({ ahead: 0, waiting: 1 });
    expect(follower.holes).toBe(0);
  });

  it('tells a session on whichever node its sockets are', async () => {
    const { showId, giveBack } = await service.show([1]);
    const phone = await service.connect();
    const laptop = await connectThere((await phone.session()).token);
    await join(phone, showId);
    // Without anything that carries messages between nodes, a node tells of the shows that it has been asked about.
    await placeOf(laptop, showId);
    await giveBack(0);
    const [one, two] = await Promise.all([phone.next('queue:offer'), laptop.next('queue:offer')]);
    expect(two).toEqual(one);
  });

  it('is the same to who comes back on the other node a moment later, over both transports', async () => {
    const { showId } = await service.show([1]);
    const before = await service.connect();
    const session = await before.session();
    await placeOf(await connectThere(), showId);
    const caller = new RestCaller(other.url, session);
    const place = await join(before, showId);
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toMatchObject({ ticket: place.ticket });
    await before.ask('queue:leave', { showId });
    expect((await caller.call('GET', `/v1/shows/${showId}/queue`)).body).toBeNull();
    const again = await join(before, showId);
    const after = await connectThere(session.token);
    expect(await placeOf(after, showId)).toMatchObject({ ticket: again.ticket });
    await after.ask('queue:leave', { showId });
    expect(await before.ask('show:join', { showId })).toMatchObject({ queue: null });
    const third = await join(before, showId);
    expect(await after.ask('show:join', { showId })).toMatchObject({ queue: { ticket: third.ticket } });
  });

  it('answers a read that is held open there when it moves here', async () => {
    const { showId, giveBack } = await service.show([1]);
    const first = await service.connect();
    await join(first, showId);
    const caller = await RestCaller.begin(other.url);
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

  it('is counted exactly by clients on both, whatever happens on which', async () => {
    const parties = Array<number>(20).fill(1);
    const { showId, giveBack } = await service.show(parties);
    const random = randomOf(Date.now());
    const connected: TestSocket[] = [];
    for (let index = 0; index < 40; index++) connected.push(await (index % 2 ? connectThere() : service.connect()));
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
      const counts = (await Promise.all(followers.map((follower) => follower.count()))).filter((one) => one !== null);
      for (const { told, counted, bySet } of counts) {
        expect(counted).toEqual(told);
        expect(bySet).toBe(told.ahead);
      }
    }
    expect(followers.map(({ holes }) => holes)).toEqual(connected.map(() => 0));
    expect(followers.filter(({ gaps }) => gaps === 0).length).toBeGreaterThan(0);
  });
});
