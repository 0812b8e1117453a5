import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queue } from '@usher/contract';
import { LineFollower } from '../../support/line-follower.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;

beforeAll(async () => {
  service = await LineService.start();
});

afterAll(async () => {
  await service.close();
});

/** The same place: when it was read and how the line was then aside. */
const samePlace = ({ ticket, place, receipt, joinedAt, expiresAt, partySize }: Queue) => ({
  ticket,
  place,
  receipt,
  joinedAt,
  expiresAt,
  partySize,
});

describe('a session', () => {
  it('has one place in line: joining again returns it, whatever is wished then', async () => {
    const { showId } = await service.show([4]);
    const [ann, ben] = await service.connectAll(2);
    const first = await join(ann!, showId, { partySize: 2 });
    await join(ben!, showId);
    const again = await join(ann!, showId, { partySize: 3 });
    expect(again).toMatchObject(samePlace(first));
    expect(again).toMatchObject({ waiting: 2, lastPlace: 2, version: 2 });
  });

  it('that joins on two sockets at once gets one ticket', async () => {
    const { showId } = await service.show([4]);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    const places = await Promise.all([phone, laptop, phone, laptop].map((socket) => join(socket, showId)));
    for (const place of places) expect(place).toMatchObject({ ...samePlace(places[0]!), ticket: 1, waiting: 1 });
    expect(await join(await service.connect(), showId)).toMatchObject({ ticket: 2 });
  });

  it('keeps its place when its connection is lost, and is offered seats when it is back', async () => {
    const { showId, giveBack } = await service.show([2]);
    const before = await service.connect();
    const { token } = await before.session();
    const place = await join(before, showId, { partySize: 2 });
    before.close();
    await join(await service.connect(), showId);
    const after = await service.connect(token);
    const joined = await after.ask('show:join', { showId });
    expect(joined).toMatchObject({ access: 'open', queue: samePlace(place) });
    await giveBack(0);
    expect((await after.next('queue:offer')).booking.seats).toHaveLength(2);
  });

  it('that was away when seats were offered finds them among its bookings', async () => {
    const { showId, giveBack } = await service.show([2]);
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

  it('that leaves is gone on all its sockets, and leaving again does nothing', async () => {
    const { showId, giveBack } = await service.show([2]);
    const phone = await service.connect();
    const laptop = await service.connect((await phone.session()).token);
    await join(phone, showId);
    expect(await placeOf(laptop, showId)).toMatchObject({ ticket: 1 });
    await laptop.ask('queue:leave', { showId });
    expect(await placeOf(phone, showId)).toBeNull();
    await phone.ask('queue:leave', { showId });
    expect(await join(await service.connect(), showId)).toMatchObject({ ticket: 2, ahead: 0, version: 3 });
    await giveBack(0);
    expect(phone.heard.filter(({ event }) => event === 'queue:offer')).toEqual([]);
  });

  it('stands in the lines of several shows', async () => {
    const shows = [await service.show([1]), await service.show([1])];
    const socket = await service.connect();
    for (const { showId } of shows) expect(await join(socket, showId)).toMatchObject({ showId, ticket: 1 });
    await shows[1]!.giveBack(0);
    expect((await socket.next('queue:offer')).showId).toBe(shows[1]!.showId);
    expect(await placeOf(socket, shows[0]!.showId)).toMatchObject({ ticket: 1 });
  });
});

describe('a client that only counts', () => {
  it('knows at every moment exactly how many are ahead, through joins, leaves and offers', async () => {
    const { showId, giveBack } = await service.show(Array<number>(12).fill(1));
    const sockets = await service.connectAll(40);
    const followers: LineFollower[] = [];
    const enter = async (socket: TestSocket) => {
      followers.push(await LineFollower.join(socket, showId));
    };
    const step = async (joiners: readonly TestSocket[], leavers: readonly number[], parties: readonly number[]) => {
      await Promise.all([
        ...joiners.map(enter),
        ...leavers.map((index) => sockets[index]!.ask('queue:leave', { showId })),
        ...parties.map(giveBack),
      ]);
    };
    const checkAll = async () => {
      const counts = (await Promise.all(followers.map((follower) => follower.count()))).filter((one) => one !== null);
      for (const { told, counted, bySet } of counts) {
        expect(counted).toEqual(told);
        expect(bySet).toBe(told.ahead);
      }
      return counts.length;
    };
    // One after another at first, so that everybody has heard of everybody; then all at once.
    for (const socket of sockets.slice(0, 10)) await enter(socket);
    expect(await checkAll()).toBe(10);
    await step(sockets.slice(10, 20), [3, 7], []);
    expect(await checkAll()).toBe(18);
    await step(sockets.slice(20, 30), [0, 5, 12, 19], [0, 1]);
    expect(await checkAll()).toBe(22);
    await step(sockets.slice(30), [8, 22, 29], [2, 3, 4]);
    expect(await checkAll()).toBe(26);
    await step([], [39, 38, 16], [5, 6, 7, 8, 9, 10, 11]);
    expect(await checkAll()).toBe(16);
    expect(followers.map(({ holes }) => holes)).toEqual(sockets.map(() => 0));
    // Who joined while nobody else did never had to ask.
    expect(followers.slice(0, 10).map(({ gaps }) => gaps)).toEqual(Array<number>(10).fill(0));
  });
});

describe('queue:moved', () => {
  it('is heard only by those in that line: not by who was offered seats at once, who left, or who never joined', async () => {
    const { showId } = await service.show([2], { seatsPerRow: 3 });
    const [served, gone, viewer, waiting, last] = await service.connectAll(5);
    await viewer!.ask('show:join', { showId });
    expect(await placeOf(viewer!, showId)).toBeNull();
    await join(served!, showId);
    await served!.next('queue:offer');
    await join(gone!, showId, { partySize: 2 });
    await gone!.ask('queue:leave', { showId });
    const { version } = await join(waiting!, showId, { partySize: 2 });
    await placeOf(waiting!, showId);
    for (const socket of [served!, gone!, viewer!]) await socket.ask('show:sync', { showId, since: 0 });
    await join(last!, showId);
    await waiting!.next('queue:moved', (moved) => moved.version > version);
    const heard = async (socket: TestSocket) => {
      await socket.ask('show:sync', { showId, since: 0 });
      return socket.heard.filter(
        ({ event, payload }) => event === 'queue:moved' && 'version' in payload && payload.version > version,
      );
    };
    expect(await Promise.all([served!, gone!, viewer!].map(heard))).toEqual([[], [], []]);
  });
});

describe('a rush of joins', () => {
  const tickMs = 1000;
  let slow: LineService;

  beforeAll(async () => {
    slow = await LineService.start({ TICK_MS: String(tickMs) });
  });

  afterAll(async () => {
    await slow.close();
  });

  it('is one queue:moved a tick for each who waits, not one a join', async () => {
    const { showId } = await slow.show([1]);
    const [watcher, ...others] = await slow.connectAll(51);
    const follower = await LineFollower.join(watcher!, showId);
    const began = performance.now();
    await Promise.all(others.map((socket) => join(socket, showId)));
    await watcher!.next('queue:moved', ({ version }) => version === 51);
    const ticks = Math.floor((performance.now() - began) / tickMs);
    // The first join of a quiet line is told at once, the rest with the ticks.
    const more = watcher!.heard.filter(({ event }) => event === 'queue:moved').length;
    expect(more + 1).toBeLessThanOrEqual(2 + ticks);
    expect(await follower.count()).toMatchObject({
      told: { waiting: 51, ahead: 0 },
      counted: { waiting: 51, ahead: 0 },
    });
  });
});
