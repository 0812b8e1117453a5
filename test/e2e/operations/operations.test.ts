import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, type INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { PG_POOL } from '../../../src/database/pg-pool.js';
import { OperationsModule } from '../../../src/operations/operations.module.js';
import { NodeLifecycle } from '../../../src/realtime/node-lifecycle.js';
import { NodeBus } from '../../../src/realtime/node-bus.js';
import { CONFIG, readConfig } from '../../../src/config/config.js';
import { ReadinessService } from '../../../src/operations/readiness.service.js';
import { WalletExpiry } from '../../../src/tickets/wallets/wallet-expiry.service.js';
import { startApp, type TestApp } from '../../support/app.js';
import { portOf } from '../../support/port-of.js';
import { waitUntil } from '../../support/wait-until.js';

@Global()
@Module({})
class TestDatabaseModule {}

/** A message bus of a node without other nodes. */
const busWithoutOtherNodes = new NodeBus(readConfig({}), 'any');

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

  it('include a readable page whose files all come from the service', async () => {
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

  it('include a page of the socket events without broken links', async () => {
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
  it('report live and ready while the node can serve', async () => {
    expect((await fetchPath('/health/live')).status).toBe(200);
    const ready = await fetchPath('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, missing: [], leaving: false, without: [] },
    ]);
    expect(ready.headers.get('cache-control')).toBe('no-store');
  });

  it('report live but not ready when the database is down', async () => {
    // The test stops this server, so it cannot use the server that all tests share.
    const folder = await mkdtemp('/tmp/usher-operations-');
    await chmod(folder, 0o755); // PostgreSQL runs as another user when the test runs as root.
    const server = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), password: 'operations' });
    const pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 1000 });
    pool.on('error', () => undefined); // Idle connections break when the server stops.
    await pool.query('create table write_probe (filler text)');
    const app = await startOperations(pool);
    try {
      const url = await app.getUrl();
      expect((await fetchPath('/health/ready', url)).status).toBe(200);

      await server.stop();

      const unready = await fetchPath('/health/ready', url);
      expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false, missing: ['database'] }]);
      expect((await fetchPath('/health/live', url)).status).toBe(200);
    } finally {
      await app.close();
      await pool.end();
      await server.stop().catch(() => undefined); // The test has already stopped the server, unless it failed before.
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('report not ready while the database accepts no writes, and ready again afterwards', async () => {
    const folder = await mkdtemp('/tmp/usher-operations-');
    await chmod(folder, 0o755);
    const server = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), password: 'operations' });
    const pool = new pg.Pool({ connectionString: server.url });
    await pool.query('create table write_probe (filler text)');
    const app = await startOperations(pool);
    const setReadOnly = async (value: string) => {
      const client = new pg.Client({ connectionString: server.url, options: '-c default_transaction_read_only=off' });
      await client.connect();
      await client.query(`alter system set default_transaction_read_only = ${value}`);
      await client.query('select pg_reload_conf()');
      await client.end();
    };
    try {
      const url = await app.getUrl();
      expect((await fetchPath('/health/ready', url)).status).toBe(200);
      await setReadOnly('on');
      await waitUntil(async () => (await fetchPath('/health/ready', url)).status === 503);
      const unready = await fetchPath('/health/ready', url);
      expect(await unready.json()).toMatchObject({ ready: false, missing: ['database writes'] });
      await setReadOnly('off');
      await waitUntil(async () => (await fetchPath('/health/ready', url)).status === 200);
      // Many simultaneous health checks cause at most one write.
      const countWrites = async () => {
        const text = "select n_tup_ins::int as count from pg_stat_user_tables where relname = 'write_probe'";
        await pool.query('select pg_stat_force_next_flush()');
        return (await pool.query<{ count: number }>(text)).rows[0]!.count;
      };
      const before = await countWrites();
      await Promise.all(Array.from({ length: 50 }, () => fetchPath('/health/ready', url)));
      expect((await countWrites()) - before).toBeLessThanOrEqual(1);
    } finally {
      await app.close();
      await pool.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('answer within two seconds when the database accepts connections but never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const silentPool = new pg.Pool({ host: '127.0.0.1', port: portOf(silent), connectionTimeoutMillis: 2500 });
    try {
      const before = performance.now();
      expect(
        await new ReadinessService(
          silentPool,
          busWithoutOtherNodes,
          new NodeLifecycle(),
          new WalletExpiry({ apple: null, google: null }),
        ).check(),
      ).toMatchObject({
        ready: false,
        missing: ['database'],
      });
      expect(performance.now() - before).toBeLessThan(3000);
    } finally {
      silent.close();
      await silentPool.end();
    }
  });
});

/** Starts only the health, metrics and document endpoints on a database that the caller may stop. */
async function startOperations(pool: pg.Pool): Promise<INestApplication> {
  const database = { provide: PG_POOL, useValue: pool };
  const config = { provide: CONFIG, useValue: readConfig({}) };
  const providers = [config, database, { provide: NodeBus, useValue: busWithoutOtherNodes }, NodeLifecycle];
  const imports = [{ module: TestDatabaseModule, providers, exports: providers }, OperationsModule];
  const testingModule = await Test.createTestingModule({ imports }).compile();
  const app = testingModule.createNestApplication({ logger: false, forceCloseConnections: true });
  await app.listen(0, '127.0.0.1');
  return app;
}
