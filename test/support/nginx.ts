import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';

/** Maximum time until nginx answers on a busy machine. */
const startMsMax = 10_000;

/** Name of the log file for requests and errors, in the folder of the configuration. */
const logName = 'nginx.log';

/**
 * An nginx that belongs to one test, on a free port of this machine and with the project's own
 * `deploy/nginx/nginx.conf`.
 */
export class Nginx {
  private constructor(
    private readonly port: number,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * @param nodes URLs of the nodes
   * @param limits the parameters after each node's address in `nodes.conf`
   * @param site further lines of `site.conf`
   */
  static async start(
    nodes: readonly string[],
    limits = 'max_fails=3 fail_timeout=5s',
    site: readonly string[] = [],
  ): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), 'usher-nginx-'));
    const port = await getPort({ host: '127.0.0.1' });
    await copyFile('deploy/nginx/nginx.conf', join(directory, 'nginx.conf'));
    const servers = nodes.map((url) => `server ${new URL(url).host} ${limits};\n`);
    await writeFile(join(directory, 'nodes.conf'), servers.join(''));
    // This nginx has temporary folders of its own, because the default folders belong to root.
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (of) => `${of}_temp_path ${directory}/${of};`,
    );
    const lines = [`listen 127.0.0.1:${port};`, ...folders, ...site];
    await writeFile(join(directory, 'site.conf'), `${lines.join('\n')}\n`);
    // nginx logs to a file, because it cannot open /dev/stdout if that is the socket that Node uses as a pipe.
    const log = await open(join(directory, logName), 'a');
    const own = `daemon off; pid ${directory}/nginx.pid;`;
    const args = ['-e', 'stderr', '-c', `${directory}/nginx.conf`, '-g', own];
    const child = spawn('nginx', args, { stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    const nginx = new Nginx(port, directory, child);
    await nginx.answers();
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Returns the log of requests and errors so far. */
  log(): Promise<string> {
    return readFile(join(this.directory, logName), 'utf8');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exited;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const deadline = performance.now() + startMsMax;
    for (;;) {
      try {
        await fetch(`${this.url}/metrics`); // nginx answers this path without a node
        return;
      } catch (cause) {
        const hasExited = this.child.exitCode !== null;
        if (hasExited || performance.now() > deadline) throw new Error(`nginx failed: ${await this.log()}`, { cause });
        await delay(20); // no event announces that a starting server listens
      }
    }
  }
}
