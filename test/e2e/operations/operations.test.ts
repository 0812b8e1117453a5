import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, type INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { PG_POOL } from '../../../src/database/pg-pool.js';
import { OperationsModule } from '../../../src/operations/operations.module.js';
import { Leaving } from '../../../src/realtime/leaving.js';
import { NodeBus } from '../../../src/realtime/node-bus.js';
import { CONFIG, readConfig } from '../../../src/config/config.js';
import { ReadinessService } from '../../../src/operations/readiness.service.js';
import { WalletExpiry } from '../../../src/tickets/wallet-expiry.service.js';
import { startApp, type TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';

@Global()
@Module({})
class DatabaseOfThisTest {}

/** A node that has no others to talk to. */
const alone = new NodeBus(readConfig({}), 'any');

let service: TestApp;

beforeAll(async () => {
  service = await startApp({ demo: false });
});

afterAll(() => service?.close());

const get = (path: string, from = service.url) => fetch(from + path, { signal: AbortSignal.timeout(10_000) });

describe('documents', () => {
  it('serves the OpenAPI and the AsyncAPI document as JSON', async () => {
    const [rest, events] = await Promise.all([get('/openapi.json'), get('/asyncapi.json')]);
    expect(rest.headers.get('content-type')).toContain('application/json');
    expect(await rest.json()).toMatchObject({ openapi: '3.1.0', paths: { '/v1/sessions': {} } });
    expect(events.headers.get('content-type')).toContain('application/json');
    expect(await events.json()).toMatchObject({ asyncapi: '3.0.0', channels: { 'show.join': {} } });
  });

  it('serves a readable page whose every file comes from the service itself', async () => {
    const page = await get('/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    const files = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files).toContain('/docs/swagger-ui-bundle.js');
    for (const file of files) {
      expect(file).toMatch(/^\//);
      expect([file, (await get(file)).status]).toEqual([file, 200]);
    }
    expect(await (await get('/docs/start.js')).text()).toContain("'/openapi.json'");
  });

  it('serves a page of the socket events whose every link leads somewhere on it', async () => {
    const html = await (await get('/docs/events')).text();
    expect(html).toContain('<code>seats:changed</code>');
    const links = [...html.matchAll(/href="#(\w+)"/g)].map(([, shape]) => shape!);
    expect(links).toContain('Booking');
    expect(links.filter((shape) => !html.includes(`id="${shape}"`))).toEqual([]);
  });

  it.each(['/docs/package.json', '/docs/..%2f..%2fpackage.json', '/docs/%252e%252e', '/docs/nothing'])(
    'gives out no other file: %s',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'NOT_FOUND' });
    },
  );
});

describe('metrics', () => {
  it('counts requests by the pattern of their route, never by their path', async () => {
    await get('/docs/swagger-ui.css');
    await get('/docs/one-of-a-million-paths');
    await get('/v1/one-of-a-million-paths');
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('usher_http_request_seconds_count{method="GET",route="/docs/:file",status="200"}');
    expect(metrics).toContain('usher_http_request_seconds_count{method="GET",route="/docs/:file",status="404"}');
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).not.toContain('one-of-a-million-paths');
  });
});

describe('health', () => {
  it('is live and ready while it can serve', async () => {
    expect((await get('/health/live')).status).toBe(200);
    const ready = await get('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, missing: [], leaving: false, without: [] },
    ]);
    expect(ready.headers.get('cache-control')).toBe('no-store');
  });

  it('is live but not ready once the database is gone', async () => {
    // A server of its own, which nobody else in this run needs.
    const folder = await mkdtemp('/tmp/usher-operations-');
    await chmod(folder, 0o755); // root gives the server to another user, who must be able to enter
    const server = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), password: 'operations' });
    const pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 1000 });
    pool.on('error', () => undefined); // its idle connections break with the server
    await pool.query('create table write_probe (filler text)');
    const app = await operationsOn(pool);
    try {
      const url = await app.getUrl();
      expect((await get('/health/ready', url)).status).toBe(200);

      await server.stop();

      const unready = await get('/health/ready', url);
      expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false, missing: ['database'] }]);
      expect((await get('/health/live', url)).status).toBe(200);
    } finally {
      await app.close();
      await pool.end();
      await server.stop().catch(() => undefined); // stopped by the test itself, unless that failed
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is not ready while the database takes no writes, as a standby or a read-only one, and ready again after', async () => {
    const folder = await mkdtemp('/tmp/usher-operations-');
    await chmod(folder, 0o755);
    const server = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), password: 'operations' });
    const pool = new pg.Pool({ connectionString: server.url });
    await pool.query('create table write_probe (filler text)');
    const app = await operationsOn(pool);
    const setReadOnly = async (value: string) => {
      const client = new pg.Client({ connectionString: server.url, options: '-c default_transaction_read_only=off' });
      await client.connect();
      await client.query(`alter system set default_transaction_read_only = ${value}`);
      await client.query('select pg_reload_conf()');
      await client.end();
    };
    try {
      const url = await app.getUrl();
      expect((await get('/health/ready', url)).status).toBe(200);
      await setReadOnly('on');
      await until(async () => (await get('/health/ready', url)).status === 503);
      const unready = await get('/health/ready', url);
      expect(await unready.json()).toMatchObject({ ready: false, missing: ['database writes'] });
      await setReadOnly('off');
      await until(async () => (await get('/health/ready', url)).status === 200);
      // Many who ask at once cost one write at most.
      const writes = async () => {
        const text = "select n_tup_ins::int as count from pg_stat_user_tables where relname = 'write_probe'";
        await pool.query('select pg_stat_force_next_flush()');
        return (await pool.query<{ count: number }>(text)).rows[0]!.count;
      };
      const before = await writes();
      await Promise.all(Array.from({ length: 50 }, () => get('/health/ready', url)));
      expect((await writes()) - before).toBeLessThanOrEqual(1);
    } finally {
      await app.close();
      await pool.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says so within its two seconds when the database accepts connections but never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const mute = new pg.Pool({ host: '127.0.0.1', port, connectionTimeoutMillis: 2500 });
    try {
      const before = performance.now();
      expect(
        await new ReadinessService(mute, alone, new Leaving(), new WalletExpiry({ apple: null, google: null })).check(),
      ).toMatchObject({
        ready: false,
        missing: ['database'],
      });
      expect(performance.now() - before).toBeLessThan(3000);
    } finally {
      silent.close();
      await mute.end();
    }
  });
});

/** The health, metrics and documents alone, listening, on a database that the caller may take away. */
async function operationsOn(pool: pg.Pool): Promise<INestApplication> {
  const database = { provide: PG_POOL, useValue: pool };
  const config = { provide: CONFIG, useValue: readConfig({}) };
  const providers = [config, database, { provide: NodeBus, useValue: alone }, Leaving];
  const imports = [{ module: DatabaseOfThisTest, providers, exports: providers }, OperationsModule];
  const built = await Test.createTestingModule({ imports }).compile();
  const app = built.createNestApplication({ logger: false, forceCloseConnections: true });
  await app.listen(0, '127.0.0.1');
  return app;
}
