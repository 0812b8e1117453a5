import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { describeWith, nginx } from '../support/describe-with.js';
import { FakeNode } from '../support/fake-node.js';
import { Nginx } from '../support/nginx.js';

/** The host in deploy/kubernetes/ingress.yaml. */
const host = 'seats.example.com';

/** Spellings of the operations paths. nginx or Express, or both, treat each of them like the plain spelling. */
const operationsTargets = [
  '/metrics',
  '/metrics/',
  '/METRICS',
  '/Metrics?all=1',
  '//metrics',
  '/./metrics',
  '/v1/../metrics',
  '/socket.io/../metrics',
  '/%6detrics',
  '/%4DETRICS',
  '/%2Fmetrics',
  '/metrics%2F',
  '/metrics;x',
  '/metrics;x=1/y',
  '/metrics%20',
  '/metrics%3Fx',
  '/metrics#x',
  `http://${host}/metrics`,
  '/health',
  '/health/live',
  '/health/ready',
  '/HEALTH/Ready',
  '//health//live',
  '/%68ealth/live',
  '/health%2Flive',
  '/health;x/live',
  '/health\\live',
  '/health/live/',
];

/** Sends a request whose target is exactly `target`. Returns the status of the answer. */
async function requestTarget(url: string, target: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const [answer]: Buffer[] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
    return Number(String(answer).split(' ')[1]);
  } finally {
    socket.destroy();
  }
}

/** Returns the snippets in the ConfigMap of the ingress controller. */
function readIngressSnippets(): { http: string; server: string } {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/ingress.yaml', 'utf8'));
  const map = z.object({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()) });
  const { data } = documents.map((document) => map.safeParse(document.toJS()).data).find((found) => found)!;
  return { http: data['http-snippets'] ?? '', server: data['server-snippets'] ?? '' };
}

describeWith(nginx)('the operations paths of a node', () => {
  describe.each([
    ['deploy/nginx', (node: FakeNode) => Nginx.start([node.url])],
    ['the ingress', (node: FakeNode) => Nginx.startIngress(host, node.url, readIngressSnippets())],
  ])('behind nginx with the configuration of %s', (_, startProxy) => {
    let node: FakeNode;
    let proxy: Nginx;

    beforeAll(async () => {
      node = await FakeNode.start('answers');
      proxy = await startProxy(node);
    });

    afterAll(async () => {
      await proxy.stop();
      await node.stop();
    });

    it.each(operationsTargets)('are closed if the request asks for %s', async (target) => {
      const before = node.calls.length;
      expect(await requestTarget(proxy.url, target)).toBe(404);
      expect(node.calls.slice(before)).toEqual([]);
    });

    it('do not close other paths that contain the same words', async () => {
      const before = node.calls.length;
      const paths = ['/', '/v1/movies/health', '/metrically', '/healthy-snacks', '/v1/cities?q=/metrics'];
      for (const path of paths) expect(await requestTarget(proxy.url, path)).toBe(200);
      expect(node.calls.slice(before).map(({ path }) => path)).toEqual(paths);
    });
  });
});
