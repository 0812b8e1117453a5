import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify, types } from 'node:util';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

const run = promisify(execFile);

/** Maximum time until a server stops or answers on a busy machine. */
const changeMsMax = 30_000;

const password = 'test';

/**
 * A PostgreSQL server that only one test uses. The test may stop, kill or freeze the server, or copy it to a standby.
 */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private readonly server: EmbeddedPostgres,
    readonly settings: Readonly<Record<string, string>>,
    private readonly ownsFolder: boolean,
  ) {}

  /**
   * @param settings further `postgres -c` settings
   * @param folder the folder in which to create the data folder; by default a new temporary folder
   */
  static async start(settings: Record<string, string> = {}, folder?: string): Promise<PostgresServer> {
    const own = folder ?? (await PostgresServer.makeFolder());
    const options = { directory: join(own, 'data'), password, settings };
    return new PostgresServer(own, await startEmbeddedPostgres(options), settings, folder === undefined);
  }

  /** Creates a folder that the system user of PostgreSQL can read. */
  static async makeFolder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'usher-postgres-'));
    await chmod(path, 0o755);
    return path;
  }

  get directory(): string {
    return join(this.folder, 'data');
  }

  /** URL of the database `usher`, which holds the service's tables. */
  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Returns the URL of the same database with a different port, for example the port of a proxy. */
  urlWithPort(port: number): string {
    return Object.assign(new URL(this.url), { port: String(port) }).href;
  }

  /** Opens a new connection. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined); // the test will break the server
    await client.connect();
    return client;
  }

  /**
   * Stops the server. `fast` ends sessions and flushes all data. `immediate` acts like a crash, so the next start runs
   * crash recovery.
   */
  async stop(how: 'fast' | 'immediate'): Promise<void> {
    const pid = this.pid();
    if (pid === null) return;
    process.kill(pid, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await this.isGone();
  }

  /** Kills all processes of the server at once, as a power loss would. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await rm(join(this.directory, 'postmaster.pid'), { force: true });
  }

  /** Starts the server again on the same port. */
  async restart(): Promise<void> {
    await this.server.restart();
  }

  /** Suspends the server until {@link thaw}. It keeps its connections but answers nothing. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** True while the server's main process exists. */
  get isRunning(): boolean {
    return this.pid() !== null;
  }

  /** Stops the server in any state and removes its files. */
  async remove(): Promise<void> {
    this.thaw();
    await this.stop('immediate');
    await rm(this.directory, { recursive: true, force: true });
    if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * Creates a standby that replicates this server. Stops this server while its files are copied.
   *
   * @param name name of the standby in `synchronous_standby_names`
   */
  async createStandby(name: string): Promise<PostgresServer> {
    const folder = await PostgresServer.makeFolder();
    const directory = join(folder, 'data');
    await this.stop('fast');
    await cp(this.directory, directory, { recursive: true, preserveTimestamps: true });
    await this.restart();
    const owner = Number((await run('stat', ['-c', '%u', this.directory])).stdout);
    const from = `host=127.0.0.1 port=${this.port} user=usher password=${password} application_name=${name}`;
    await writeFile(join(directory, 'standby.signal'), '');
    await writeFile(join(directory, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
    await run('chown', ['-R', `${owner}`, directory]);
    await chmod(directory, 0o700);
    const options = { directory, password, settings: this.settings };
    return new PostgresServer(folder, await startEmbeddedPostgres(options), this.settings, true);
  }

  /** Promotes this standby to primary. */
  async promote(): Promise<void> {
    const client = await this.connect();
    try {
      await client.query('select pg_promote(true, 30)');
    } finally {
      await client.end();
    }
  }

  /** Returns the server's log. */
  async log(): Promise<string> {
    return readFile(join(this.directory, 'server.log'), 'utf8');
  }

  /**
   * Returns the id of the server's main process, or null if it does not run. The server deletes its pid file when it
   * ends.
   */
  private pid(): number | null {
    try {
      const pid = Number(readFileSync(join(this.directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
      return pid > 0 && existsSync(`/proc/${pid}/stat`) ? pid : null;
    } catch (error) {
      // Jest gives test files an Error class of their own, so `instanceof` would not recognize an error of Node.
      if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  /**
   * Sends a signal to all processes. The main process gets it first, so that it starts no new process in the meantime.
   */
  private signal(signal: NodeJS.Signals): void {
    const postmaster = this.pid();
    if (postmaster === null) return;
    process.kill(postmaster, signal);
    for (const child of childrenOf(postmaster)) {
      try {
        process.kill(child, signal);
      } catch {
        // The process has ended by itself in the meantime.
      }
    }
  }

  private async isGone(): Promise<void> {
    const deadline = performance.now() + changeMsMax;
    while (this.pid() !== null && existsSync(join(this.directory, 'postmaster.pid'))) {
      if (performance.now() > deadline) throw new Error(`PostgreSQL on ${this.port} does not stop`);
      await delay(20); // the server is not a child process, so no event announces its end
    }
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent ? [Number(name)] : [];
    } catch {
      return []; // the process ended during the check
    }
  });
}
