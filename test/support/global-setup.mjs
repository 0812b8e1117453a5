import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { startServiceHosts } from './service-host/service-hosts.mjs';

/**
 * Starts one PostgreSQL for the whole run on a free port, in a temporary folder. Each test file has its own database. The
 * services of the tests run in host processes, one per Jest worker.
 */
export default async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'usher-test-'));
  const server = await startEmbeddedPostgres({
    directory,
    password: 'test',
    // A baseline needs 200 callers with a connection each.
    settings: { max_connections: '300', shared_buffers: '256MB' },
  });
  const hosts = await startServiceHosts();
  process.env.TEST_POSTGRES_URL = server.url;
  process.env.TEST_SERVICE_HOSTS = hosts.url;
  globalThis.usherTestServers = { server, hosts, directory };
}
