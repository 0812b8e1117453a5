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
  await chmod(folder, 0o755); // root gives the server to another user, who must be able to enter
  directory = join(folder, 'postgres');
  others = [];
  servers = [];
});

afterEach(async () => {
  for (const other of others) other.kill('SIGKILL');
  for (const server of servers) await server.stop().catch(() => undefined); // the test killed some
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory, password: 'lock' });
  servers.push(server);
  return server;
}

/** A program that sleeps, of the user that the server runs as. */
async function otherProcess(argv0: string): Promise<number> {
  const other = spawn('sleep', ['600'], { ...serverUser(), argv0, cwd: directory, stdio: 'ignore' });
  others.push(other);
  await once(other, 'spawn');
  return other.pid!;
}

/** Kills the server and gives its process id in the lock file to another process, as after a restart of the machine. */
async function killedAndRepeated(pid: number): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  const [postmaster, ...rest] = (await readFile(file, 'utf8')).split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
  await writeFile(file, [String(pid), ...rest].join('\n'));
}

it('starts when the process id in its lock file belongs to another program by now, and has lost nothing', async () => {
  const first = await start();
  const client = new pg.Client({ connectionString: first.url });
  client.on('error', () => undefined); // the server is killed
  await client.connect();
  await client.query('create table kept as select 7 as value');
  await killedAndRepeated(await otherProcess('sleep'));
  const again = await start();
  const reader = new pg.Client({ connectionString: again.url });
  await reader.connect();
  expect((await reader.query('select value from kept')).rows).toEqual([{ value: 7 }]);
  await reader.end();
  expect(others[0]!.exitCode).toBeNull();
}, 60_000);

it('says which process it found, and which file to remove, when that may be its server and does not answer', async () => {
  await start();
  const pid = await otherProcess('postgres');
  await killedAndRepeated(pid);
  await expect(start()).rejects.toThrow(
    new RegExp(`postmaster\\.pid says that process ${pid} \\(postgres 600\\).*kill ${pid}.*remove .*postmaster\\.pid`),
  );
}, 60_000);
