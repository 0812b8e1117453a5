import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DatabaseChecks } from '../../../src/database/database-checks.js';
import type { Service } from '../../../src/service.js';
import { startApp, type TestApp } from '../../support/app.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { startTestService } from '../../support/service-host/start-test-service.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { waitUntil } from '../../support/wait-until.js';

let service: TestApp;

beforeAll(async () => {
  service = await startApp({ demo: false });
});

afterAll(() => service?.close());

const fetchPath = (path: string, from = service.url) => fetch(from + path, { signal: AbortSignal.timeout(10_000) });

describe('the API documents', () => {
  it('include OpenAPI and AsyncAPI as JSON', async () => {
    const [rest, events] = await Promise.all([fetchPath('/openapi.json'), fetchPath('/asyncapi.json')]);
    expect(rest.headers.get('content-type')).toContain('application/json');
    expect(await rest.json()).toMatchObject({ openapi: '3.1.0', paths: { '/v1/sessions': {} } });
    expect(events.headers.get('content-type')).toContain('application/json');
    expect(await events.json()).toMatchObject({ asyncapi: '3.0.0', channels: { 'show.join': {} } });
  });

  it('include an HTML page that loads all of its files from the service', async () => {
    const page = await fetchPath('/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    const files = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files).toContain('/docs/swagger-ui-bundle.js');
    for (const file of files) {
      expect(file).toMatch(/^\//);
      expect([file, (await fetchPath(file)).status]).toEqual([file, 200]);
    }
    expect(await (await fetchPath('/docs/start.js')).text()).toContain("'/openapi.json'");
  });

  it('include a page about the socket events that has no broken links', async () => {
    const html = await (await fetchPath('/docs/events')).text();
    expect(html).toContain('<code>seats:changed</code>');
    const links = [...html.matchAll(/href="#(\w+)"/g)].map(([, anchor]) => anchor!);
    expect(links).toContain('Booking');
    expect(links.filter((anchor) => !html.includes(`id="${anchor}"`))).toEqual([]);
  });

  it.each(['/docs/package.json', '/docs/..%2f..%2fpackage.json', '/docs/%252e%252e', '/docs/nothing'])(
    'do not expose any other file: %s',
    async (path) => {
      const answer = await fetchPath(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'NOT_FOUND' });
    },
  );
});

describe('the metrics', () => {
  it('label requests with the pattern of their route, never with their path', async () => {
    await fetchPath('/docs/swagger-ui.css');
    await fetchPath('/docs/one-of-a-million-paths');
    await fetchPath('/v1/one-of-a-million-paths');
    const metrics = await (await fetchPath('/metrics')).text();
    expect(metrics).toContain('usher_http_request_seconds_count{method="GET",route="/docs/:file",status="200"}');
    expect(metrics).toContain('usher_http_request_seconds_count{method="GET",route="/docs/:file",status="404"}');
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).not.toContain('one-of-a-million-paths');
  });
});

describe('the health endpoints', () => {
  it('report the node as live and ready as long as it can serve requests', async () => {
    expect((await fetchPath('/health/live')).status).toBe(200);
    const ready = await fetchPath('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, missing: [], leaving: false, without: [] },
    ]);
    expect(ready.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the health endpoints of a node whose database has a fault', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let node: Service;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await createTestDatabase({ demo: false });
    pool = testPool(database.url, 2);
    const address = new URL(database.url);
    proxy = await TcpProxy.start(Number(address.port));
    node = await startTestService(testEnvironment(Object.assign(address, { port: `${proxy.port}` }).href));
  });

  afterAll(async () => {
    await node?.close();
    await proxy?.close();
    await pool?.end();
    await database?.drop();
  });

  const isReady = async () => (await fetchPath('/health/ready', node.url)).status === 200;

  /**
   * Sets whether new transactions of the database are read-only. Ends all open connections, because they keep the old
   * setting.
   */
  async function setReadOnly(value: 'on' | 'off'): Promise<void> {
    const client = new pg.Client({ connectionString: database.url, options: '-c default_transaction_read_only=off' });
    await client.connect();
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`alter database ${name} set default_transaction_read_only = ${value}`);
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await client.end();
  }

  /** Counts the rows that health checks have written. */
  async function countWrites(): Promise<number> {
    const text = "select n_tup_ins::int as count from pg_stat_user_tables where relname = 'write_probe'";
    await pool.query('select pg_stat_force_next_flush()');
    return (await pool.query<{ count: number }>(text)).rows[0]!.count;
  }

  it('report the node as live but not ready as long as the database is down', async () => {
    await waitUntil(isReady);
    proxy.cut();
    const unready = await fetchPath('/health/ready', node.url);
    expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false, missing: ['database'] }]);
    expect((await fetchPath('/health/live', node.url)).status).toBe(200);
    proxy.mend();
    await waitUntil(isReady);
  });

  it('report the node as not ready as long as the database accepts no writes, and as ready again afterwards', async () => {
    await waitUntil(isReady);
    await setReadOnly('on');
    // At first, the node may still rely on its last successful write. It may also report the whole database as missing,
    // because its connections were ended.
    await waitUntil(async () =>
      (await (await fetchPath('/health/ready', node.url)).text()).includes('database writes'),
    );
    const unready = await fetchPath('/health/ready', node.url);
    expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false, missing: ['database writes'] }]);
    await setReadOnly('off');
    await waitUntil(isReady);
    // Many simultaneous health checks cause at most one write.
    const before = await countWrites();
    await Promise.all(Array.from({ length: 50 }, () => fetchPath('/health/ready', node.url)));
    expect((await countWrites()) - before).toBeLessThanOrEqual(1);
  });

  it('report the database as missing if it accepts connections but never answers', async () => {
    await waitUntil(isReady);
    proxy.silence();
    try {
      const before = performance.now();
      const unready = await fetchPath('/health/ready', node.url);
      expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false, missing: ['database'] }]);
      // Without its own time limit, the check would last until queries time out after 5 s.
      expect(performance.now() - before).toBeLessThan(4500);
    } finally {
      proxy.mend();
    }
  });

  it('wait two seconds at most for a database that never answers', async () => {
    const silentPool = testPool(Object.assign(new URL(database.url), { port: `${proxy.port}` }).href, 2);
    proxy.silence();
    try {
      // The result depends only on the order of two timers in this process, so a busy machine cannot make the test
      // fail.
      const checked = new DatabaseChecks(silentPool).listMissing();
      expect(await Promise.race([checked, delay(2100, 'no answer within 2.1 s')])).toEqual(['database']);
    } finally {
      proxy.mend();
      await silentPool.end();
    }
  });
});
