import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queue } from '@usher/contract';
import { LineFollower } from '../../support/line-follower.js';
import { join, LineService, setUpLineService, getPlace } from '../../support/line-service.js';
import type { TestSocket } from '../../support/socket.js';

const service = setUpLineService();

/** Selects the fields of a place that stay the same while the line moves. */
const selectLastingFields = ({ ticket, place, receipt, joinedAt, expiresAt, partySize }: Queue) => ({
  ticket,
  place,
  receipt,
  joinedAt,
  expiresAt,
  partySize,
});

describe('a session in the seat line', () => {
  it('has one place, and gets the same place again if it joins with a different request', async () => {
    const { showId } = await service.makeFullShow([4]);
    const [ann, ben] = await service.connectAll(2);
    const first = await join(ann!, showId, { partySize: 2 });
    await join(ben!, showId);
    const again = await join(ann!, showId, { partySize: 3 });
    expect(again).toMatchObject(selectLastingFields(first));
    expect(again).toMatchObject({ waiting: 2, lastPlace: 2, version: 2 });
  });

  it('gets one line ticket when it joins on two sockets at once', async () => {
    const { showId } = await service.makeFullShow([4]);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    const places = await Promise.all([phone, laptop, phone, laptop].map((socket) => join(socket, showId)));
    for (const place of places)
      expect(place).toMatchObject({ ...selectLastingFields(places[0]!), ticket: 1, waiting: 1 });
    expect(await join(await service.connect(), showId)).toMatchObject({ ticket: 2 });
  });

  it('keeps its place when its connection is lost, and is offered seats after it reconnects', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const before = await service.connect();
    const { token } = await before.session();
    const place = await join(before, showId, { partySize: 2 });
    before.close();
    await join(await service.connect(), showId);
    const after = await service.connect(token);
    const joined = await after.ask('show:join', { showId });
    expect(joined).toMatchObject({ access: 'open', queue: selectLastingFields(place) });
    await giveBack(0);
    expect((await after.next('queue:offer')).booking.seats).toHaveLength(2);
  });

  it('finds an offer among its bookings when it was away at the time of the offer', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const before = await service.connect();
    const { token } = await before.session();
    await join(before, showId, { partySize: 2 });
    before.close();
    await giveBack(0);
    const joined = await (await service.connect(token)).ask('show:join', { showId });
    expect(joined).toMatchObject({
      queue: null,
      bookings: [{ status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] }],
    });
  });

  it('leaves the line on all its sockets at once, and leaving again has no effect', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    await join(phone, showId);
    expect(await getPlace(laptop, showId)).toMatchObject({ ticket: 1 });
    await laptop.ask('queue:leave', { showId });
    expect(await getPlace(phone, showId)).toBeNull();
    await phone.ask('queue:leave', { showId });
    expect(await join(await service.connect(), showId)).toMatchObject({ ticket: 2, ahead: 0, version: 3 });
    await giveBack(0);
    expect(phone.received.filter(({ event }) => event === 'queue:offer')).toEqual([]);
  });

  it('can wait in the lines of several shows', async () => {
    const shows = [await service.makeFullShow([1]), await service.makeFullShow([1])];
    const socket = await service.connect();
    for (const { showId } of shows) expect(await join(socket, showId)).toMatchObject({ showId, ticket: 1 });
    await shows[1]!.release(0);
    expect((await socket.next('queue:offer')).showId).toBe(shows[1]!.showId);
    expect(await getPlace(socket, shows[0]!.showId)).toMatchObject({ ticket: 1 });
  });
});

describe('a client that counts the waiters from `queue:moved` messages', () => {
  it('always knows exactly how many waiters are ahead, while waiters join, leave and get offers', async () => {
    const { showId, release: giveBack } = await service.makeFullShow(Array<number>(12).fill(1));
    const sockets = await service.connectAll(40);
    const followers: LineFollower[] = [];
    const joinAsFollower = async (socket: TestSocket) => {
      followers.push(await LineFollower.join(socket, showId));
    };
    const changeLine = async (
      joiners: readonly TestSocket[],
      leavers: readonly number[],
      parties: readonly number[],
    ) => {
      await Promise.all([
        ...joiners.map(joinAsFollower),
        ...leavers.map((index) => sockets[index]!.ask('queue:leave', { showId })),
        ...parties.map(giveBack),
      ]);
    };
    const checkAll = async () => {
      const counts = (await Promise.all(followers.map((follower) => follower.count()))).filter(
        (count) => count !== null,
      );
      for (const { byServer, counted, bySet } of counts) {
        expect(counted).toEqual(byServer);
        expect(bySet).toBe(byServer.ahead);
      }
      return counts.length;
    };
    // The first ten sockets join one after another, so that each of their followers receives every later join. The
    // other sockets join in groups of ten at once.
    for (const socket of sockets.slice(0, 10)) await joinAsFollower(socket);
    expect(await checkAll()).toBe(10);
    await changeLine(sockets.slice(10, 20), [3, 7], []);
    expect(await checkAll()).toBe(18);
    await changeLine(sockets.slice(20, 30), [0, 5, 12, 19], [0, 1]);
    expect(await checkAll()).toBe(22);
    await changeLine(sockets.slice(30), [8, 22, 29], [2, 3, 4]);
    expect(await checkAll()).toBe(26);
    await changeLine([], [39, 38, 16], [5, 6, 7, 8, 9, 10, 11]);
    expect(await checkAll()).toBe(16);
    expect(followers.map(({ holes }) => holes)).toEqual(sockets.map(() => 0));
    // A follower that joined while nobody else joined missed no message, so it never had to ask the service.
    expect(followers.slice(0, 10).map(({ gaps }) => gaps)).toEqual(Array<number>(10).fill(0));
  });
});

describe('queue:moved', () => {
  it('reaches only waiters of its line, not buyers who were served, who left, or who never joined', async () => {
    const { showId } = await service.makeFullShow([2], { seatsPerRow: 3 });
    const [served, leaver, viewer, waiting, last] = await service.connectAll(5);
    await viewer!.ask('show:join', { showId });
    expect(await getPlace(viewer!, showId)).toBeNull();
    await join(served!, showId);
    await served!.next('queue:offer');
    await join(leaver!, showId, { partySize: 2 });
    await leaver!.ask('queue:leave', { showId });
    const { version } = await join(waiting!, showId, { partySize: 2 });
    await getPlace(waiting!, showId);
    for (const socket of [served!, leaver!, viewer!]) await socket.ask('show:sync', { showId, since: 0 });
    await join(last!, showId);
    await waiting!.next('queue:moved', (moved) => moved.version > version);
    const readMovesHeard = async (socket: TestSocket) => {
      await socket.ask('show:sync', { showId, since: 0 });
      return socket.received.filter(
        ({ event, payload }) => event === 'queue:moved' && 'version' in payload && payload.version > version,
      );
    };
    expect(await Promise.all([served!, leaver!, viewer!].map(readMovesHeard))).toEqual([[], [], []]);
  });
});

describe('a burst of joins', () => {
  const tickMs = 1000;
  let slowService: LineService;

  beforeAll(async () => {
    slowService = await LineService.start({ TICK_MS: String(tickMs) });
  });

  afterAll(async () => {
    await slowService.close();
  });

  it('causes one queue:moved per tick and waiter, not one per join', async () => {
    const { showId } = await slowService.makeFullShow([1]);
    const [watcher, ...others] = await slowService.connectAll(51);
    const follower = await LineFollower.join(watcher!, showId);
    const startedAt = performance.now();
    await Promise.all(others.map((socket) => join(socket, showId)));
    await watcher!.next('queue:moved', ({ version }) => version === 51);
    const ticks = Math.floor((performance.now() - startedAt) / tickMs);
    // If a line was quiet, the node announces the first join at once, and the later joins together once per tick.
    const laterMoves = watcher!.received.filter(({ event }) => event === 'queue:moved').length;
    expect(laterMoves + 1).toBeLessThanOrEqual(2 + ticks);
    expect(await follower.count()).toMatchObject({
      byServer: { waiting: 51, ahead: 0 },
      counted: { waiting: 51, ahead: 0 },
    });
  });
});
