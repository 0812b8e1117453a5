import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';

/** Maximum time until nginx listens on a busy machine. */
const startMsMax = 10_000;

/** Name of the log file for requests and errors, in the folder of the configuration. */
const logName = 'nginx.log';

/**
 * An nginx that belongs to one test, on a free port of this machine and with the project's own configuration.
 */
export class Nginx {
  private constructor(
    private readonly port: number,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * Starts nginx with `deploy/nginx/nginx.conf`.
   *
   * @param nodes URLs of the nodes
   * @param limits the parameters after each node's address in `nodes.conf`
   * @param site further lines of `site.conf`
   */
  static async start(
    nodes: readonly string[],
    limits = 'max_fails=3 fail_timeout=5s',
    site: readonly string[] = [],
  ): Promise<Nginx> {
    const config = await readFile('deploy/nginx/nginx.conf', 'utf8');
    const servers = nodes.map((url) => `server ${new URL(url).host} ${limits};\n`);
    return Nginx.launch(config, (ownLines) => ({
      'nodes.conf': servers.join(''),
      'site.conf': [...ownLines, ...site].join('\n'),
    }));
  }

  /**
   * Starts nginx with a configuration like the one that the NGINX Ingress Controller generates: the snippets of the
   * controller's ConfigMap, and one location that forwards all paths of a host to a node.
   */
  static async startIngress(host: string, node: string, snippets: { http: string; server: string }): Promise<Nginx> {
    const forwarding = `server_name ${host}; ${snippets.server}\nlocation / { proxy_pass ${node}; }`;
    const server = `server { include site.conf; ${forwarding} }`;
    const config = `events {} http { access_log /dev/stdout; ${snippets.http}\n${server} }`;
    return Nginx.launch(config, (ownLines) => ({ 'site.conf': ownLines.join('\n') }));
  }

  /**
   * @param makeIncludes returns the text of each included file. Its parameter is the lines of `server` that give this
   *   nginx a port and folders of its own
   */
  private static async launch(
    config: string,
    makeIncludes: (ownLines: readonly string[]) => Record<string, string>,
  ): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), 'usher-nginx-'));
    const port = await getPort({ host: '127.0.0.1' });
    // This nginx has temporary folders of its own, because the default folders belong to root.
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (of) => `${of}_temp_path ${directory}/${of};`,
    );
    const files = { 'nginx.conf': config, ...makeIncludes([`listen 127.0.0.1:${port};`, ...folders]) };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    // nginx logs to a file, because it cannot open /dev/stdout if that is the socket that Node uses as a pipe.
    const log = await open(join(directory, logName), 'a');
    const own = `daemon off; pid ${directory}/nginx.pid;`;
    const args = ['-e', 'stderr', '-c', `${directory}/nginx.conf`, '-g', own];
    const child = spawn('nginx', args, { stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    const nginx = new Nginx(port, directory, child);
    await nginx.listens();
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

  private async listens(): Promise<void> {
    const deadline = performance.now() + startMsMax;
    for (;;) {
      const socket = connect(this.port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        return;
      } catch (cause) {
        const hasExited = this.child.exitCode !== null;
        if (hasExited || performance.now() > deadline) throw new Error(`nginx failed: ${await this.log()}`, { cause });
        await delay(20); // no event announces that a starting server listens
      } finally {
        socket.destroy();
      }
    }
  }
}
