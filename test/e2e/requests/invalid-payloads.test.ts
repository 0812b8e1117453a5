import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readIssues } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();
let showId: number;
let socket: TestSocket;

beforeAll(async () => {
  showId = await makeShow(app.pool);
  socket = await TestSocket.connect(app.url);
});

afterAll(async () => {
  socket.close();
});

const readIssuePaths = (error: unknown): string[] =>
  readIssues(error)
    .map(({ path }) => path)
    .toSorted();

describe('a payload that does not match the contract', () => {
  it.each<[string, string, unknown, string[]]>([
    ['no payload', 'show:join', undefined, ['']],
    ['null', 'show:join', null, ['']],
    ['a text', 'show:join', 'showId=1', ['']],
    ['an array', 'show:join', [1], ['']],
    ['a text for a number', 'show:join', { showId: '1' }, ['showId']],
    ['a fraction', 'show:join', { showId: 1.5 }, ['showId']],
    ['zero', 'show:join', { showId: 0 }, ['showId']],
    ['NaN, which JSON encodes as null', 'show:join', { showId: Number.NaN }, ['showId']],
    ['Infinity', 'show:sync', { showId: 1, since: Number.POSITIVE_INFINITY }, ['since']],
    ['a version below zero', 'show:sync', { showId: 1, since: -1 }, ['since']],
    ['neither seats nor best', 'reservation:create', { showId: 1 }, ['seats']],
    ['both seats and best', 'reservation:create', { showId: 1, seats: [1], best: { count: 1 } }, ['seats']],
    ['seats that are no numbers', 'reservation:create', { showId: 1, seats: ['A1', null] }, ['seats.0', 'seats.1']],
    ['half a seat', 'reservation:create', { showId: 1, best: { count: 1.5 } }, ['best.count']],
    ['an unknown kind of seat', 'reservation:create', { showId: 1, best: { count: 1, kind: 'sofa' } }, ['best.kind']],
    ['an unknown conflict option', 'reservation:create', { showId: 1, seats: [1], onConflict: 'any' }, ['onConflict']],
    ['an empty key', 'reservation:create', { showId: 1, seats: [1], key: '' }, ['key']],
    ['a key with NUL', 'reservation:create', { showId: 1, seats: [1], key: 'a\0b' }, ['key']],
    ['a malformed id', 'reservation:release', { bookingId: '42' }, ['bookingId']],
  ])('is rejected with INVALID_REQUEST and the paths of wrong fields: %s', async (_, event, payload, wrongPaths) => {
    const error = await socket.refused(event, payload);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    expect(readIssuePaths(error)).toEqual(wrongPaths);
  });

  it('is rejected with the path of an unknown tier', async () => {
    const error = await socket.refused('reservation:create', { showId, best: { count: 1, tier: 'throne' } });
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'best.tier' }] });
  });

  it('with thousands of wrong seats is rejected with at most twenty issues', async () => {
    const error = await socket.refused('reservation:create', { showId, seats: Array(15_000).fill('x') });
    expect(readIssuePaths(error).length).toBeLessThanOrEqual(20);
  });

  it('cannot change the prototypes of objects', async () => {
    const payload = JSON.parse(
      `{"showId":${showId},"seats":[1],"__proto__":{"polluted":1},"constructor":{"prototype":{}}}`,
    );
    await socket.send('reservation:create', payload);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(await socket.refused('reservation:create', { showId, best: { count: 1, tier: '__proto__' } })).toMatchObject(
      {
        code: 'INVALID_REQUEST',
      },
    );
  });
});

describe('a client that misuses its socket', () => {
  it('gets an error for an unknown event and stays connected', async () => {
    socket.io.emit('seats:steal', { showId });
    for (const event of ['seats:steal', 'constructor', '__proto__']) {
      expect(await socket.refused(event, { showId })).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    await socket.ask('show:join', { showId });
    expect(socket.io.connected).toBe(true);
  });

  it('does no harm with an event that asks for no acknowledgement', async () => {
    socket.io.emit('show:join', { showId: 'x' });
    socket.io.emit('reservation:create', { showId, seats: [77] });
    await socket.ask('show:join', { showId });
    expect(socket.io.connected).toBe(true);
  });

  it('loses its own connection if it sends ten megabytes, and no other client does', async () => {
    const other = await TestSocket.connect(app.url, { reconnection: false });
    const disconnected = new Promise<string>((resolve) => other.io.once('disconnect', resolve));
    other.io.emit('reservation:create', { showId, seats: [1], key: 'x'.repeat(10_000_000) });
    expect(await disconnected).toMatch(/transport/);
    expect(socket.io.connected).toBe(true);
    await socket.ask('show:join', { showId });
  });

  it('is refused with RATE_LIMITED if it floods the service with requests, and no other client is affected', async () => {
    const flooder = await TestSocket.connect(app.url);
    const answers = await Promise.all(
      Array.from({ length: 4000 }, () => flooder.send('show:sync', { showId, since: 0 })),
    );
    const refused = answers.filter((answer) => !answer.ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ error: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } });
    await socket.ask('show:join', { showId });
    flooder.close();
  });
});

describe('an invalid REST call', () => {
  it('with a deeply nested body is refused with INVALID_REQUEST, even if it has an idempotency key', async () => {
    const caller = await RestCaller.begin(app.url);
    const nested = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    const answer = await fetch(`${app.url}/v1/push/subscriptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${caller.session.token}`,
        'content-type': 'application/json',
        'idempotency-key': 'nested',
      },
      body: `{"endpoint":"https://push.example/","keys":{"p256dh":"a","auth":"a"},"field":${nested}}`,
    });
    expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
  });

  it.each<[string, string, string, unknown, number, string]>([
    ['a body that is not JSON', 'POST', 'reservations', '{"seats":', 400, 'INVALID_REQUEST'],
    ['a body that is a text', 'POST', 'reservations', '"seats"', 400, 'INVALID_REQUEST'],
    ['no body', 'POST', 'reservations', undefined, 400, 'INVALID_REQUEST'],
    ['ten megabytes', 'POST', 'reservations', `{"seats":[1],"x":"${'x'.repeat(10_000_000)}"}`, 400, 'INVALID_REQUEST'],
    ['eleven seats', 'POST', 'reservations', { seats: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, 422, 'INVALID_SEATS'],
    ['an unknown address', 'GET', 'nothing', undefined, 404, 'NOT_FOUND'],
  ])('with %s is answered with problem details', async (_, method, what, body, status, code) => {
    const caller = await RestCaller.begin(app.url);
    const answer = await caller.call(method, `/v1/shows/${showId}/${what}`, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it.each(['abc', '0', '-1', '1.5', '1e3', '99999999999999999999'])(
    'with the show id %s is answered with INVALID_REQUEST',
    async (id) => {
      const answer = await fetch(`${app.url}/v1/shows/${id}/seats`);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'INVALID_REQUEST' }]);
    },
  );

  it('with an id that is too large for the tables is answered with NOT_FOUND or INVALID_REQUEST', async () => {
    for (const id of ['2147483648', '999999999999999']) {
      const answer = await fetch(`${app.url}/v1/shows/${id}/seats`);
      expect([400, 404]).toContain(answer.status);
    }
  });
});

describe('a client that does not read', () => {
  it('is disconnected before its unread messages fill the memory, and other clients notice nothing', async () => {
    const bigShow = await makeShow(app.pool, { rows: 200, seatsPerRow: 200 });
    await socket.ask('show:join', { showId: bigShow });
    const { port } = new URL(app.url);
    const reader = connect(Number(port), '127.0.0.1');
    const headers = ['Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
    reader.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${[...headers, key].join('\r\n')}\r\n\r\n`);
    await once(reader, 'data');
    reader.write(encodeFrame('40'));
    await once(reader, 'data');
    reader.pause();
    // Each answer has 13 kB, so the answers exceed the kernel's buffers. The number of requests stays below the rate limit.
    reader.write(Buffer.concat(Array<Buffer>(1900).fill(encodeFrame(`421["show:join",{"showId":${bigShow}}]`))));
    for (let turn = 0; turn < 100; turn++) await socket.ask('show:sync', { showId, since: 0 });
    let bytes = 0;
    const closeFrame = new Promise<void>((resolve) => {
      reader.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (chunk.subarray(-2).equals(Buffer.from([0x88, 0]))) resolve(); // These two bytes are a close frame.
      });
    });
    reader.resume();
    await closeFrame;
    reader.destroy();
    expect(bytes).toBeLessThan(1900 * 13_000);
    expect(socket.io.connected).toBe(true);
  });
});

/** Encodes a masked text frame as a WebSocket client sends it. */
function encodeFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
}
