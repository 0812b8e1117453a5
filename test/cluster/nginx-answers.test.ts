import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { Admin, rowOf } from '../support/admin.js';
import { adminKey } from '../support/api-keys.js';
import { describeWith, nginx } from '../support/describe-with.js';
import { FakeNode } from '../support/fake-node.js';
import { setUpApp } from '../support/file-app.js';
import { Nginx } from '../support/nginx.js';

/** The host in deploy/kubernetes/ingress.yaml. */
const host = 'seats.example.com';

/** Returns the snippets in the ConfigMap of the ingress controller. */
function readIngressSnippets(): { http: string; server: string } {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/ingress.yaml', 'utf8'));
  const map = z.object({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()) });
  const { data } = documents.map((document) => map.safeParse(document.toJS()).data).find((found) => found)!;
  return { http: data['http-snippets'] ?? '', server: data['server-snippets'] ?? '' };
}

/** Opens a connection, and sends the beginning of a request. */
function open(url: string, sent: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1').write(sent);
  return socket;
}

/** Sends a request whose connection ends after it. @returns the status and the headers of the answer */
async function send(url: string, sent: string): Promise<{ status: number; headers: Headers }> {
  const [head = ''] = (await text(open(url, sent))).split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(':', 1)[0]!, line.replace(/^[^:]*: /, '')]),
  );
  return { status: Number(statusLine.split(' ')[1]), headers };
}

const start = (path: string, method = 'GET', name = host) =>
  `${method} ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n`;

/** What nginx refuses by itself. */
const refused: readonly [what: string, status: number, sent: string][] = [
  ['a path of operators', 404, `${start('/metrics')}\r\n`],
  ['a malformed length', 400, `${start('/', 'POST')}Content-Length: x\r\n\r\n`],
  ['a path that is too long', 414, `${start(`/${'x'.repeat(10_000)}`)}\r\n`],
  ['a body that is too large', 413, `${start('/v1/sessions', 'POST')}Content-Length: 2000000\r\n\r\n`],
  ['a request that no node takes', 502, `${start('/v1/hangs-up')}\r\n`],
];

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey, PROXIES: '1', PUBLIC_URL: 'http://tickets.example' } });

describeWith(nginx)('an answer that nginx writes', () => {
  describe.each([
    ['deploy/nginx', (node: string) => Nginx.start([node], 'max_fails=0')],
    ['the ingress', (node: string) => Nginx.startIngress(host, node, readIngressSnippets())],
  ])('with the configuration of %s', (name, startProxy) => {
    let node: FakeNode;
    let withoutNode: Nginx;
    let proxy: Nginx;

    beforeAll(async () => {
      node = await FakeNode.start('hangs up');
      [withoutNode, proxy] = await Promise.all([startProxy(node.url), startProxy(app.url)]);
    });

    afterAll(async () => {
      await Promise.all([withoutNode?.stop(), proxy?.stop()]);
      await node?.stop();
    });

    // The controller's own default server answers a request whose path nginx has not read.
    const possible = refused.filter(([, status]) => name === 'deploy/nginx' || status !== 414);

    it.each(possible)('has the security headers of a node: %s', async (_, status, sent) => {
      const answer = await send(withoutNode.url, sent);
      expect(answer.status).toBe(status);
      const usual = await fetch(`${app.url}/v1/nothing`);
      const names = [...usual.headers.keys()].filter((one) => /^(x-|cross-origin|referrer|content-security)/.test(one));
      expect(names.length).toBeGreaterThanOrEqual(6);
      for (const one of names) expect([one, answer.headers.get(one)]).toEqual([one, usual.headers.get(one)]);
    });

    it('leaves the headers of a node as they are', async () => {
      const { status, headers } = await send(proxy.url, `${start('/')}\r\n`);
      const direct = await fetch(app.url);
      expect(status).toBe(200);
      for (const one of ['content-security-policy', 'x-frame-options', 'x-content-type-options', 'referrer-policy']) {
        expect([one, headers.get(one)]).toEqual([one, direct.headers.get(one)]);
      }
    });
  });

  it('has no such headers for another host of the ingress', async () => {
    const other = await FakeNode.start('answers');
    const proxy = await Nginx.startIngress('other.example', other.url, readIngressSnippets());
    const { status, headers } = await send(proxy.url, `${start('/metrics', 'GET', 'other.example')}\r\n`);
    expect([status, headers.get('content-security-policy'), headers.get('x-frame-options')]).toEqual([200, null, null]);
    await proxy.stop();
    await other.stop();
  });
});

describeWith(nginx)('a layout over 1 MB behind nginx', () => {
  const admin = new Admin(() => app.url);
  let proxy: Nginx;

  beforeAll(async () => {
    proxy = await Nginx.start([app.url]);
  });

  afterAll(() => proxy?.stop());

  /** Sends a JSON body of this size. White space after the value fills it. */
  const upload = (method: string, path: string, body: object, bytes: number, key = adminKey): Promise<Response> =>
    fetch(`${proxy.url}/v1/admin${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(body).padEnd(bytes),
    });

  it('arrives at the node, up to 32 MB', async () => {
    const { cinemaId, hallId } = await admin.hall(rowOf('s'));
    const body = { cinemaId, name: 'A large hall', layout: { text: rowOf('sss') } };
    expect((await upload('POST', '/halls', body, 32 * 1024 * 1024)).status).toBe(201);
    expect((await upload('PATCH', `/halls/${hallId}`, { layout: { text: rowOf('ss') } }, 5_000_000)).status).toBe(200);
    expect((await upload('POST', '/halls', body, 32 * 1024 * 1024 + 1)).status).toBe(413);
  }, 60_000);

  it('is refused on all other paths', async () => {
    for (const path of ['/cinemas', '/hallsx', '/api-keys']) {
      expect((await upload('POST', path, {}, 2_000_000)).status).toBe(413);
    }
  });

  it('is passed on while it arrives, so that it fills no folder of nginx', async () => {
    const node = await FakeNode.start('holds');
    const before = await Nginx.start([node.url]);
    const socket = open(before.url, `${start('/v1/admin/halls', 'POST')}Content-Length: 30000000\r\n\r\n{`);
    await node.waitForCalls(1);
    expect(node.calls[0]).toMatchObject({ path: '/v1/admin/halls', headers: { 'content-length': '30000000' } });
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    await before.stop();
    await node.stop();
  });
});
