import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorSchema } from '@usher/contract';
import type { Service } from '../../../src/service.js';
import { RawAnswers } from '../../../src/transport/raw-answers.js';
import { setUpApp } from '../../support/file-app.js';
import { portOf } from '../../support/port-of.js';

const app = setUpApp({ env: { PUBLIC_URL: 'https://tickets.example', CORS_ORIGINS: 'https://tickets.example' } });
let node: Service;

beforeAll(async () => {
  node = await app.startNode({ OPERATIONS_PORT: '0' });
});

afterAll(() => node?.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends a text over a connection of its own. Returns all that arrives until the service closes the connection. */
async function exchange(url: string, sent: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1').write(sent);
  return text(socket);
}

/** Sends one request, and reads the only answer. */
async function send(url: string, sent: string): Promise<Answer> {
  const received = await exchange(url, sent);
  const [head = '', body = ''] = received.split(/\r\n\r\n(.*)/s);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 ([0-9]{3}) \S/.exec(statusLine)?.[1];
  const headers = new Headers(lines.map((line): [string, string] => [line.split(': ')[0]!, line.split(': ')[1]!]));
  return { status: Number(status), headers, body };
}

const start = (path = '/v1/cities', method = 'GET') => `${method} ${path} HTTP/1.1\r\nHost: usher\r\n`;
const chunked = `${start('/v1/sessions', 'POST')}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n`;

/** What Node's HTTP server refuses by itself. */
const refusedByNode: readonly [what: string, status: number, sent: string][] = [
  ['a malformed header', 400, `${start()}no colon\r\n\r\n`],
  ['no HTTP at all', 400, '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n'],
  ['an unknown method', 400, `${start('/', 'NOTHING')}\r\n`],
  ['no Host', 400, 'GET /v1/cities HTTP/1.1\r\n\r\n'],
  ['no Host, for Socket.IO', 400, 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n'],
  ['Transfer-Encoding with Content-Length', 400, `${chunked}Content-Length: 3\r\n\r\n`],
  ['two different lengths', 400, `${start('/', 'POST')}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`],
  ['a malformed chunk', 400, `${chunked}\r\nzz\r\n`],
  ['chunk extensions that are too large', 413, `${chunked}\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n`],
  ['headers over 8 KB', 431, `${start()}Cookie: ${'x'.repeat(9000)}\r\n\r\n`],
  ['a path over 8 KB', 431, `${start(`/${'x'.repeat(9000)}`)}\r\n`],
  ['an unknown expectation', 417, `${start()}Expect: foo\r\n\r\n`],
];

const upgrade = (query: string, ...lines: readonly string[]) =>
  [start(`/socket.io/?${query}`) + 'Connection: Upgrade\r\nUpgrade: websocket', ...lines, '', ''].join('\r\n');
const websocket = 'EIO=4&transport=websocket';
const version = 'Sec-WebSocket-Version: 13';
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

/** WebSocket handshakes that are no use. */
const refusedUpgrades: readonly [what: string, sent: string][] = [
  ['without a key', upgrade(websocket, version)],
  ['with a malformed key', upgrade(websocket, version, 'Sec-WebSocket-Key: x')],
  ['without a version', upgrade(websocket, key)],
  ['with an unknown version', upgrade(websocket, key, 'Sec-WebSocket-Version: 7')],
  ['with a malformed protocol', upgrade(websocket, key, version, 'Sec-WebSocket-Protocol: ,')],
  ['without a host', upgrade(websocket, key, version).replace('Host: usher\r\n', '')],
  ['with another method', upgrade(websocket, key, version).replace('GET', 'POST')],
  ['of an unknown transport', upgrade('EIO=4&transport=nothing', key, version)],
  ['of an unknown session', upgrade(`${websocket}&sid=nothing`, key, version)],
  ['from another site', upgrade(websocket, key, version, 'Origin: https://evil.example')],
];

/** The headers that the service sends with every answer that is no page. */
const securityHeaders = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
];

async function expectSecurityHeaders({ headers }: Answer): Promise<void> {
  const usual = await fetch(`${app.url}/v1/nothing`);
  for (const name of securityHeaders) {
    expect(usual.headers.get(name)).not.toBeNull();
    expect([name, headers.get(name)]).toEqual([name, usual.headers.get(name)]);
  }
  expect(headers.get('date')).not.toBeNull();
}

async function expectRefusal(url: string, status: number, sent: string): Promise<void> {
  const answer = await send(url, sent);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('connection')).toBe('close');
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(Number(answer.headers.get('content-length'))).toBe(answer.body.length);
  expect(errorSchema('INVALID_REQUEST').parse(JSON.parse(answer.body))).toMatchObject({ status });
  await expectSecurityHeaders(answer);
}

describe('a request that Node refuses gets an error of the contract with the security headers', () => {
  it.each(refusedByNode)('on the main port: %s', (_, status, sent) => expectRefusal(app.url, status, sent));

  // This port answers 404 before it reads a body.
  it.each(refusedByNode.filter(([what]) => !what.includes('chunk')))('on the operations port: %s', (_, status, sent) =>
    expectRefusal(node.operationsUrl, status, sent),
  );
});

describe('a handshake of a WebSocket', () => {
  it.each(refusedUpgrades)('that is refused gets the security headers: %s', async (_, sent) => {
    const answer = await send(app.url, sent.replace('Connection: Upgrade', 'Connection: Upgrade, close'));
    expect([400, 403]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
    expect(answer.body).toMatch(/"(message|detail)":/);
    await expectSecurityHeaders(answer);
  });

  it('is accepted if it is valid', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write(upgrade(websocket, key, version));
    const [data]: Buffer[] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
    expect(String(data)).toMatch(/^HTTP\/1\.1 101 /);
    socket.destroy();
  });

  it('to another path gets the answer that the path has without it', async () => {
    for (const protocol of ['websocket', 'h2c']) {
      const sent = `${start()}Connection: Upgrade, close\r\nUpgrade: ${protocol}\r\n${key}\r\n${version}\r\n\r\n`;
      const answer = await send(app.url, sent);
      expect(answer.status).toBe(200);
      await expectSecurityHeaders(answer);
    }
  });
});

it('ends the connection of a malformed request without an answer if the answer before it has begun', async () => {
  const server = createServer((_request, response) => response.writeHead(200).write('the first part'));
  new RawAnswers({ publicUrl: null }).install(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect(portOf(server), '127.0.0.1');
  socket.setEncoding('latin1').write(`${start()}\r\n`);
  let received = '';
  while (!received.includes('the first part')) {
    const [data]: string[] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
    received += data;
  }
  socket.write('no HTTP\r\n\r\n');
  expect(await text(socket)).toBe('');
  server.close();
});
