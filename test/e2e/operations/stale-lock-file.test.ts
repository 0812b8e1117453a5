import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { serverUser } from '../../support/server-user.js';

let folder: string;
let directory: string;
let others: ChildProcess[];
let servers: EmbeddedPostgres[];

beforeEach(async () => {
  folder = await mkdtemp('/tmp/usher-lock-');
  await chmod(folder, 0o755); // PostgreSQL runs as another user when the test runs as root.
  directory = join(folder, 'postgres');
  others = [];
  servers = [];
});

afterEach(async () => {
  for (const other of others) other.kill('SIGKILL');
  for (const server of servers) await server.stop().catch(() => undefined); // The test has killed some of these servers.
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory, password: 'lock' });
  servers.push(server);
  return server;
}

/**
 * Starts a program that only sleeps, under the user who runs the server. Returns the program's process id. @param argv0
 * name under which the program appears in the process list
 */
async function startOtherProcess(argv0: string): Promise<number> {
  const other = spawn('sleep', ['600'], { ...serverUser(), argv0, cwd: directory, stdio: 'ignore' });
  others.push(other);
  await once(other, 'spawn');
  return other.pid!;
}

/** Kills the server and writes another process id into its lock file, as if the machine had restarted. */
async function killServerAndReusePid(pid: number): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  const [postmaster, ...rest] = (await readFile(file, 'utf8')).split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
  await writeFile(file, [String(pid), ...rest].join('\n'));
}

it('the embedded database starts, with all data, if its lock file names a process of another program', async () => {
  const first = await start();
  const client = new pg.Client({ connectionString: first.url });
  client.on('error', () => undefined); // The connection breaks when the test kills the server.
  await client.connect();
  await client.query('create table kept as select 7 as value');
  await killServerAndReusePid(await startOtherProcess('sleep'));
  const restarted = await start();
  const reader = new pg.Client({ connectionString: restarted.url });
  await reader.connect();
  expect((await reader.query('select value from kept')).rows).toEqual([{ value: 7 }]);
  await reader.end();
  expect(others[0]!.exitCode).toBeNull();
}, 60_000);

it('the embedded database refuses to start, and names the process and the lock file, if this process may be its server', async () => {
  await start();
  const pid = await startOtherProcess('postgres');
  await killServerAndReusePid(pid);
  await expect(start()).rejects.toThrow(
    new RegExp(`postmaster\\.pid, process ${pid} \\(postgres 600\\).*kill ${pid}.*remove .*postmaster\\.pid`),
  );
}, 60_000);
