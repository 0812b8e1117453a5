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
    settings: {
      max_connections: '300', // a baseline needs 200 callers with a connection each
      shared_buffers: '256MB',
      // No test crashes this server. Tests of durability start servers of their own, which write every commit to the disk.
      fsync: 'off',
      full_page_writes: 'off',
    },
  });
  const hosts = await startServiceHosts();
  process.env.TEST_POSTGRES_URL = server.url;
  process.env.TEST_SERVICE_HOSTS = hosts.url;
  globalThis.usherTestServers = { server, hosts, directory };
}
