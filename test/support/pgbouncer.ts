import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import getPort from 'get-port';
import { setOwner, serverUser } from './server-user.js';

/** Maximum time until PgBouncer answers on a busy machine. */
const startMsMax = 10_000;

/**
 * A PgBouncer that belongs to one test. It runs in transaction mode on a free port of this machine, in front of one
 * database.
 */
export class PgBouncer {
  private constructor(
    /** The value for the setting `DATABASE_URL`. */
    readonly url: string,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts PgBouncer. @param poolSize number of connections to the database that all clients share */
  static async start(databaseUrl: string, poolSize: number): Promise<PgBouncer> {
    const directory = await mkdtemp(join(tmpdir(), 'usher-pgbouncer-'));
    const port = await getPort({ host: '127.0.0.1' });
    const { hostname, port: behind, pathname, username, password } = new URL(databaseUrl);
    const server = `host=${hostname} port=${behind} dbname=${pathname.slice(1)} user=${username} password=${password}`;
    const lines = [
      '[databases]',
      `usher = ${server} pool_size=${poolSize}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'max_client_conn = 1000',
    ];
    const file = join(directory, 'pgbouncer.ini');
    await writeFile(file, `${lines.join('\n')}\n`);
    const user = serverUser();
    setOwner(user, directory);
    setOwner(user, file);
    const child = spawn('pgbouncer', ['--quiet', file], { ...user, cwd: '/', stdio: 'ignore' });
    const bouncer = new PgBouncer(`postgres://${username}@127.0.0.1:${port}/usher`, directory, child);
    await bouncer.answers();
    return bouncer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM'); // stops at once, even with connected clients
      await exited;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const deadline = performance.now() + startMsMax;
    for (;;) {
      const client = new pg.Client({ connectionString: this.url });
      try {
        await client.connect();
        return;
      } catch (cause) {
        const hasExited = this.child.exitCode !== null;
        if (hasExited || performance.now() > deadline) throw new Error('pgbouncer does not answer', { cause });
        await delay(20); // no event announces that a starting server listens
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
