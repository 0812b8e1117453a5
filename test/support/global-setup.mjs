import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { startServiceHosts } from './service-host/service-hosts.mjs';

const memoryFolder = '/dev/shm';
const bytesNeeded = 4 * 1024 ** 3;

/**
 * Returns a folder in memory if the system has one that is large enough, otherwise the folder for temporary files. A copy of a
 * template database takes 35 ms in memory, and 60 to 370 ms on a disk.
 */
async function findFastFolder() {
  const space = await statfs(memoryFolder).catch(() => null);
  return space && space.bavail * space.bsize >= bytesNeeded ? memoryFolder : tmpdir();
}

/**
 * Starts one PostgreSQL for the whole run on a free port, in a temporary folder. Each test file has its own database. The
 * services of the tests run in host processes, one per Jest worker.
 */
export default async function setUp() {
  const directory = await mkdtemp(join(await findFastFolder(), 'usher-test-'));
  const server = await startEmbeddedPostgres({
    directory,
    password: 'test',
    settings: {
      max_connections: '300', // one baseline test needs 200 callers with a connection each
      shared_buffers: '256MB',
      max_wal_size: '256MB',
      // No test crashes this server. Tests of durability start their own servers, which write every commit to the disk.
      fsync: 'off',
      full_page_writes: 'off',
    },
  });
  const hosts = await startServiceHosts();
  process.env.TEST_POSTGRES_URL = server.url;
  process.env.TEST_SERVICE_HOSTS = hosts.url;
  globalThis.usherTestServers = { server, hosts, directory };
}
