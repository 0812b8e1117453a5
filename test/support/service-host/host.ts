import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { runImportCommand } from '../../../src/cli/import/import-command.js';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import type { FinishedImport, HostAnswer, HostRequest, StartedService } from './messages.js';

const defaultCertificates = tls.getCACertificates('default');

const readClock = Date.now;

/** The running services of this process, by the id in the answer to `start`. */
const services = new Map<number, Service>();
let lastService = 0;

async function handle(request: HostRequest): Promise<StartedService | FinishedImport | null> {
  switch (request.type) {
    case 'start': {
      const service = await startService(readConfig(request.env));
      const id = ++lastService;
      services.set(id, service);
      return { id, url: service.url, operationsUrl: service.operationsUrl };
    }
    case 'close':
      await services.get(request.id)?.close();
      services.delete(request.id);
      return null;
    case 'trust':
      tls.setDefaultCACertificates([...defaultCertificates, ...request.certificates]);
      return null;
    case 'shiftClock':
      Date.now = () => readClock() + request.byMs;
      return null;
    case 'import':
      return runImport(request.args, request.env);
  }
}

/** Runs the command of `npm run import` in this process. */
async function runImport(args: readonly string[], env: Readonly<Record<string, string>>): Promise<FinishedImport> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const code = await runImportCommand(args, env, { stdout, stderr }, new AbortController().signal);
  stdout.end();
  stderr.end();
  const [output, errors] = await texts;
  return { code, stdout: output, stderr: errors };
}

process.on('message', ({ number, request }: { number: number; request: HostRequest }) => {
  const send = (answer: HostAnswer) => process.send?.({ number, answer });
  handle(request).then(
    (result) => send({ result }),
    (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
  );
});
