import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const hostFile = fileURLToPath(new URL('host.ts', import.meta.url));
const compiler = new URL('compile-typescript.mjs', import.meta.url).href;

/**
 * A process that runs the services of one Jest worker. Jest loads every module again for each test file, and loading
 * Nest, MikroORM and the service takes seconds. A host loads them once per run.
 */
class ServiceHost {
  #lastNumber = 0;
  #pending = new Map();
  #child = fork(hostFile, {
    execArgv: ['--conditions=@usher/source', '--enable-source-maps', '--import', compiler],
    env: { ...process.env, NODE_ENV: 'test' },
  });

  constructor() {
    this.#child.on('message', ({ number, answer }) => this.#settle(number, answer));
    this.#child.on('exit', (code) => {
      for (const number of this.#pending.keys()) this.#settle(number, { error: `the service host ended with ${code}` });
    });
  }

  /** Sends a request. Returns the result, or the error. */
  ask(request) {
    if (!this.#child.connected) return { error: 'the service host has ended' };
    return new Promise((resolve) => {
      this.#pending.set(++this.#lastNumber, resolve);
      this.#child.send({ number: this.#lastNumber, request });
    });
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #settle(number, answer) {
    this.#pending.get(number)?.(answer);
    this.#pending.delete(number);
  }
}

/**
 * Listens for requests of Jest workers, and starts a host when a worker sends its first request. The path of a request
 * is the number of the worker.
 */
export async function startServiceHosts() {
  const hosts = new Map();
  const hostOf = (worker) => {
    if (!hosts.has(worker)) hosts.set(worker, new ServiceHost());
    return hosts.get(worker);
  };
  const answer = async (request, response) => {
    response.end(JSON.stringify(await hostOf(request.url).ask(await json(request))));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.all([...hosts.values()].map((host) => host.close()));
    },
  };
}
