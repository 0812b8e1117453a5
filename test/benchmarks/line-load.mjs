// Load generator of bench:lines. Its sockets join lines and receive moves, and its REST callers join lines. Like
// socket-load.mjs, it implements its protocols without a client library.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import WebSocket from 'ws';
import { answerCalls, cpuMs, sharedNow } from './line-children.mjs';
import { percentile } from './support.mjs';

const { port, secret } = JSON.parse(process.argv[2]);
const peers = [];
/** Calls that are not acknowledged yet, by the id that their acknowledgement will repeat. */
const pendingCalls = new Map();
let calls = 0;
/** The event that every socket is expected to receive, or null. */
let expected = null;

answerCalls({
  connect: async ({ count }) => {
    while (peers.length < count) {
      const some = Math.min(100, count - peers.length);
      peers.push(...(await Promise.all(Array.from({ length: some }, connect))));
    }
  },
  join,
  expect: ({ event }) => {
    expected = { start: `42["${event}"`, received: new Set(), times: [], all: Promise.withResolvers() };
  },
  received: () => expected.all.promise,
  quiet,
  joinOverRest,
  end: () => process.exit(0),
});

function connect() {
  return new Promise((resolve, reject) => {
    const address = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { perMessageDeflate: false });
    const peer = { socket };
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = data.toString();
      if (text.startsWith('42[')) receive(peer, text);
      else if (text.startsWith('43')) {
        if (!text.includes('"ok":true')) throw new Error(text);
        answered(text);
      } else if (text.startsWith('40')) resolve(peer);
      else if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
    });
  });
}

function answered(text) {
  const id = Number.parseInt(text.slice(2), 10);
  pendingCalls.get(id)();
  pendingCalls.delete(id);
}

let lastHeardAt = 0;

function receive(peer, text) {
  lastHeardAt = sharedNow();
  if (!expected || expected.received.has(peer) || !text.startsWith(expected.start)) return;
  expected.received.add(peer);
  expected.times.push(lastHeardAt);
  if (expected.received.size < peers.length) return;
  expected.all.resolve({ last: lastHeardAt, median: percentile(expected.times, 0.5) });
}

/** Waits until no socket has received anything for 500 ms. */
async function quiet() {
  const { promise, resolve } = Promise.withResolvers();
  const timer = setInterval(() => {
    if (sharedNow() - lastHeardAt < 500) return;
    clearInterval(timer);
    resolve();
  }, 50);
  await promise;
}

/** Lets every socket join the line of every show. At most `atOnce` calls are in progress at the same time. */
async function join({ showIds, atOnce }) {
  const joins = showIds.flatMap((showId) => peers.map((peer) => ({ peer, showId })));
  let next = 0;
  return await timed(joins.length, Math.min(atOnce, peers.length), async () => {
    const { peer, showId } = joins[next++];
    await new Promise((resolve) => {
      pendingCalls.set(++calls, resolve);
      peer.socket.send(`42${calls}["queue:join",{"showId":${showId},"partySize":2}]`);
    });
  });
}

/**
 * Lets new sessions join one line over a fixed number of open connections. Their tokens are created before the
 * measurement.
 */
async function joinOverRest({ showId, count, connections }) {
  const requests = Array.from({ length: count }, () => request(showId));
  const open = Array.from({ length: connections }, () => connectTcp(port, '127.0.0.1').setNoDelay());
  await Promise.all(open.map((socket) => once(socket, 'connect')));
  const free = [...open];
  const result = await timed(count, connections, async () => {
    const socket = free.pop();
    await answerTo(socket, requests.pop());
    free.push(socket);
  });
  for (const socket of open) socket.destroy();
  return result;
}

function request(showId) {
  const body = '{"partySize":2}';
  const head = [`POST /v1/shows/${showId}/queue HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${newToken()}`];
  const type = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  return [...head, ...type, '', body].join('\r\n');
}

/** Signs a session's token as the service does, so that the measurement does not include creating sessions. */
function newToken() {
  const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { sub: uuidv7(), aud: 'usher-session', exp: Math.floor(Date.now() / 1000) + 3600 };
  const text = `${base64({ alg: 'HS256' })}.${base64(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function answerTo(socket, text) {
  return new Promise((resolve) => {
    let received = '';
    const read = (data) => {
      received += data;
      const [head, body] = received.split('\r\n\r\n');
      if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(head)[1])) return;
      if (!head.startsWith('HTTP/1.1 201')) throw new Error(received);
      socket.off('data', read);
      resolve();
    };
    socket.on('data', read);
    socket.write(text);
  });
}

/**
 * Runs `count` tasks, `atOnce` of them at the same time. Returns the rate and the durations of the tasks, and this
 * process's CPU time per task.
 */
async function timed(count, atOnce, act) {
  const latencies = [];
  let left = count;
  const cpu = cpuMs();
  const began = performance.now();
  const caller = async () => {
    while (left-- > 0) {
      const at = performance.now();
      await act();
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  const rate = count / ((performance.now() - began) / 1000);
  const generatorUs = ((cpuMs() - cpu) * 1000) / count;
  return { rate, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), generatorUs };
}
