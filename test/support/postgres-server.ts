import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

const run = promisify(execFile);

/** How long a server may take to stop, or to answer, on a busy machine. */
const changeMsMax = 30_000;

const password = 'test';

/** A PostgreSQL of a test's own, which may be stopped, killed, frozen, and copied to a standby. */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private readonly server: EmbeddedPostgres,
    readonly settings: Readonly<Record<string, string>>,
    private readonly ownsFolder: boolean,
  ) {}

  /**
   * @param settings further `postgres -c` settings
   * @param folder where its data folder is made, which is removed with the server; else one of its own
   */
  static async start(settings: Record<string, string> = {}, folder?: string): Promise<PostgresServer> {
    const own = folder ?? (await PostgresServer.makeFolder());
    const options = { directory: join(own, 'data'), password, settings };
    return new PostgresServer(own, await startEmbeddedPostgres(options), settings, folder === undefined);
  }

  /** A folder which the user that PostgreSQL runs as may enter. */
  static async makeFolder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'usher-postgres-'));
    await chmod(path, 0o755);
    return path;
  }

  get directory(): string {
    return join(this.folder, 'data');
  }

  /** URL of its database `usher`, in which the service's tables are. */
  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The same database by another port, such as a proxy's. */
  urlWithPort(port: number): string {
    return Object.assign(new URL(this.url), { port: String(port) }).href;
  }

  /** A connection of a test's own. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined); // the server is about to be broken
    await client.connect();
    return client;
  }

  /** `fast` ends sessions and writes all down; `immediate` is as good as a crash, and recovery follows at the start. */
  async stop(how: 'fast' | 'immediate'): Promise<void> {
    const pid = this.pid();
    if (pid === null) return;
    process.kill(pid, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await this.isGone();
  }

  /** Ends every process of it at once, as a machine that loses its power. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await rm(join(this.directory, 'postmaster.pid'), { force: true });
  }

  /** Starts it again on its port. */
  async restart(): Promise<void> {
    await this.server.restart();
  }

  /** It keeps its connections and answers nothing, until {@link thaw}. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** Whether its postmaster is there. */
  get isRunning(): boolean {
    return this.pid() !== null;
  }

  /** Stops it, however it is, and removes its files. */
  async remove(): Promise<void> {
    this.thaw();
    await this.stop('immediate');
    await rm(this.directory, { recursive: true, force: true });
    if (this.ownsFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * A standby that follows this server from now on, made of its files while it is stopped.
   *
   * @param name for `synchronous_standby_names`
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

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    const client = await this.connect();
    try {
      await client.query('select pg_promote(true, 30)');
    } finally {
      await client.end();
    }
  }

  /** What it wrote to its log. */
  async log(): Promise<string> {
    return readFile(join(this.directory, 'server.log'), 'utf8');
  }

  private pid(): number | null {
    const file = join(this.directory, 'postmaster.pid');
    if (!existsSync(file)) return null;
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    return pid > 0 && existsSync(`/proc/${pid}/stat`) ? pid : null;
  }

  /** The postmaster first: it must not start another process while the others are gone through. */
  private signal(signal: NodeJS.Signals): void {
    const postmaster = this.pid();
    if (postmaster === null) return;
    process.kill(postmaster, signal);
    for (const child of childrenOf(postmaster)) {
      try {
        process.kill(child, signal);
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }

  private async isGone(): Promise<void> {
    const deadline = performance.now() + changeMsMax;
    while (this.pid() !== null && existsSync(join(this.directory, 'postmaster.pid'))) {
      if (performance.now() > deadline) throw new Error(`PostgreSQL on ${this.port} does not stop`);
      await delay(20); // it is no child of ours, so nothing tells when it is gone
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
      return []; // it ended while it was looked at
    }
  });
}
