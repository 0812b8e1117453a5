import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';

/** One PostgreSQL for the whole run, on a free port, in a folder of its own; each test file has its own database. */
export default async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'usher-test-'));
  const server = await startEmbeddedPostgres({
    directory,
    password: 'test',
    // Two hundred callers that each take a connection are a baseline, and the tests measure no power cuts.
    settings: { max_connections: '300', shared_buffers: '256MB' },
  });
  process.env.TEST_POSTGRES_URL = server.url;
  globalThis.usherTestServer = { server, directory };
}
