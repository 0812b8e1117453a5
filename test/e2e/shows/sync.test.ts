import { describe, expect, it } from '@jest/globals';
import { decodeSeats } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();

/** Holds and releases one seat after the other. Each hold and each release makes a new version. */
async function holdAndReleaseEach(socket: TestSocket, showId: number, seats: readonly number[]): Promise<void> {
  for (const seat of seats) {
    const { booking } = await socket.ask('reservation:create', { showId, seats: [seat] });
    await socket.ask('reservation:release', { bookingId: booking.bookingId });
  }
}

describe('a client that missed changes', () => {
  it('gets the changes since its version, oldest first', async () => {
    const showId = await makeShow(app.pool);
    const socket = await TestSocket.connect(app.url);
    await holdAndReleaseEach(socket, showId, [1, 2]);
    expect(await socket.ask('show:sync', { showId, since: 1 })).toMatchObject({
      version: 4,
      changes: [
        { version: 2, free: [1] },
        { version: 3, held: [2] },
        { version: 4, free: [2] },
      ],
    });
    expect(await socket.ask('show:sync', { showId, since: 4 })).toMatchObject({ version: 4, changes: [] });
    socket.close();
  });

  it('gets the whole seat map if the map is shorter than the list of changes', async () => {
    const showId = await makeShow(app.pool, { rows: 2, seatsPerRow: 5 });
    const socket = await TestSocket.connect(app.url);
    await holdAndReleaseEach(socket, showId, [0, 1, 2, 3, 4, 5]);
    const synced = await socket.ask('show:sync', { showId, since: 0 });
    expect(synced).toMatchObject({ version: 12, seatCount: 10, seats: expect.any(String) });
    socket.close();
  });

  it('gets the whole seat map if the show never had the client’s version', async () => {
    const showId = await makeShow(app.pool);
    const socket = await TestSocket.connect(app.url);
    expect(await socket.ask('show:sync', { showId, since: 1000 })).toMatchObject({ version: 0, seatCount: 100 });
    socket.close();
  });

  it('gets the changes from the log if the node started after the changes', async () => {
    const showId = await makeShow(app.pool);
    const before = await TestSocket.connect(app.url);
    await holdAndReleaseEach(before, showId, [1]);
    const other = await app.startNode();
    const socket = await TestSocket.connect(other.url);
    expect(await socket.ask('show:sync', { showId, since: 0 })).toMatchObject({
      version: 2,
      changes: [
        { version: 1, held: [1] },
        { version: 2, free: [1] },
      ],
    });
    for (const client of [before, socket]) client.close();
  });
});

describe('a second node on the same database', () => {
  it('notifies its viewers of the first node’s changes within five seconds', async () => {
    const other = await app.startNode();
    const showId = await makeShow(app.pool);
    const [buyer, viewer] = await Promise.all([TestSocket.connect(app.url), TestSocket.connect(other.url)]);
    await viewer.ask('show:join', { showId });
    await buyer.ask('reservation:create', { showId, seats: [7, 8] });
    expect(await viewer.next('seats:changed')).toEqual({ showId, from: 0, version: 1, held: [7, 8] });
    for (const client of [buyer, viewer]) client.close();
  });
});

describe('a busy show', () => {
  it('causes one message per tick for each viewer, however many seats change, and the messages have no gap', async () => {
    const showId = await makeShow(app.pool, { rows: 20, seatsPerRow: 20 });
    const viewer = await TestSocket.connect(app.url);
    await viewer.ask('show:join', { showId });
    const buyers = await Promise.all(Array.from({ length: 40 }, () => TestSocket.connect(app.url)));
    await Promise.all(
      buyers.map(async (buyer, index) => {
        for (let turn = 0; turn < 10; turn++) {
          await buyer.ask('reservation:create', { showId, seats: [index * 10 + turn] });
        }
      }),
    );
    const { version } = await viewer.ask('show:sync', { showId, since: 0 });
    await viewer.next('show:version', (beat) => beat.version === version);
    const diffs = viewer.received.flatMap(({ event, payload }) => (event === 'seats:changed' ? [payload] : []));
    expect(diffs.map(({ from }) => from)).toEqual([0, ...diffs.slice(0, -1).map((diff) => diff.version)]);
    expect(diffs.at(-1)?.version).toBe(version);
    expect(diffs.flatMap(({ held }) => held ?? [])).toHaveLength(400);
    expect(diffs.length).toBeLessThan(400 / 2);
    for (const client of [viewer, ...buyers]) client.close();
  });
});

describe('a client that can only use long polling', () => {
  it('joins a show, receives changes and reserves seats like other clients', async () => {
    const showId = await makeShow(app.pool);
    const poller = await TestSocket.connect(app.url, { transports: ['polling'] });
    const other = await TestSocket.connect(app.url);
    await poller.ask('show:join', { showId });
    await other.ask('reservation:create', { showId, seats: [1] });
    expect(await poller.next('seats:changed')).toMatchObject({ held: [1] });
    const { booking } = await poller.ask('reservation:create', { showId, seats: [2] });
    expect(booking.status).toBe('reserved');
    expect(poller.io.io.engine.transport.name).toBe('polling');
    for (const client of [poller, other]) client.close();
  });
});

describe('a client that lost its connection', () => {
  it('has the right seat map and bookings after it joins again with its token', async () => {
    const showId = await makeShow(app.pool);
    const socket = await TestSocket.connect(app.url);
    const { token } = await socket.session();
    const { booking } = await socket.ask('reservation:create', { showId, seats: [3] });
    socket.close();
    const other = await TestSocket.connect(app.url);
    await other.ask('reservation:create', { showId, seats: [4] });
    const back = await TestSocket.connect(app.url, { auth: { token } });
    const joined = await back.joinOpen(showId);
    expect(decodeSeats(joined.seats, 100).slice(3, 5)).toEqual(Uint8Array.of(1, 1));
    expect(joined.bookings).toEqual([booking]);
    for (const client of [other, back]) client.close();
  });
});
