import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import getPort from 'get-port';
import { setOwner, serverUser } from './server-user.js';

const run = promisify(execFile);

/** Folder of PostgreSQL 15 on Debian-like systems. PostgreSQL 15 is the oldest version that the service supports. */
const binaries = '/usr/lib/postgresql/15/bin';

function describeIfThere(): typeof describe | typeof describe.skip {
  if (existsSync(join(binaries, 'initdb'))) return describe;
  process.stderr.write(
    `no PostgreSQL 15 in ${binaries} (Debian: apt-get install postgresql-15): tests that need it did not run\n`,
  );
  return describe.skip;
}

/** `describe` for tests that need PostgreSQL 15. If it is not installed, the tests are skipped with a message. */
export const describeWithPostgres15 = describeIfThere();

/** A PostgreSQL 15 that belongs to one test, on a free port of this machine. */
export class Postgres15 {
  private constructor(
    /** The value for the setting `DATABASE_URL`. */
    readonly url: string,
    private readonly directory: string,
  ) {}

  static async start(): Promise<Postgres15> {
    const directory = await mkdtemp(join(tmpdir(), 'usher-postgres-15-'));
    setOwner(serverUser(), directory);
    const port = await getPort({ host: '127.0.0.1' });
    const data = join(directory, 'data');
    const flags = ['--username=usher', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
    await asServer('initdb', `--pgdata=${data}`, ...flags);
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`;
    await asServer('pg_ctl', '-D', data, '-w', '-l', join(directory, 'log'), '-o', settings, 'start');
    return new Postgres15(`postgres://usher@127.0.0.1:${port}/postgres`, directory);
  }

  async stop(): Promise<void> {
    await asServer('pg_ctl', '-D', join(this.directory, 'data'), '-m', 'immediate', '-w', 'stop');
    await rm(this.directory, { recursive: true, force: true });
  }
}

const asServer = (program: string, ...args: string[]) =>
  run(join(binaries, program), args, { ...serverUser(), cwd: '/' });
