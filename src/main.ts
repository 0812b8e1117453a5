import { describeFailure, StartError } from './common/start-error.js';
import type { Service } from './service.js';

/**
 * The oldest Node version on which Usher runs. On Linux, `npm ci` installs this version, and npm scripts find it first
 * on `PATH`.
 */
const nodeVersionMin = [24, 21] as const;

async function main(): Promise<void> {
  assertNodeVersion();
  // Node's own handler prints every field of an error, and libraries put secrets and rows into some of them. An unhandled
  // rejection arrives here too.
  process.on('uncaughtException', fail);
  // These are imported after the check, because on an older Node their import would fail with a misleading message.
  const { readServiceConfig } = await import('./config/config.js');
  const config = readServiceConfig(process.env);
  // Loading the service takes seconds, so the settings are checked before that.
  const { startService } = await import('./service.js');
  const starting = startService(config);
  // The handlers are installed before the start has finished. If a signal arrives during the start, the service closes
  // as soon as it has started.
  const stop = () => {
    starting.then((service) => service.close()).then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.stdout.write(formatGreeting(await starting));
}

function formatGreeting({ url, operationsUrl }: Pick<Service, 'url' | 'operationsUrl'>): string {
  const seconds = process.uptime().toFixed(1);
  return [
    `Usher is ready after ${seconds} s.`,
    `  Seat maps  ${url}/`,
    `  API        ${url}/docs`,
    `  Health     ${operationsUrl}/health/ready`,
    '',
  ].join('\n');
}

function assertNodeVersion(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new StartError(
    `Node ${process.versions.node} is too old: Usher needs ${majorMin}.${minorMin} or newer. On Linux, \`npm start\` uses the Node that \`npm ci\` installed. Elsewhere, install a newer Node.`,
  );
}

function fail(error: unknown): never {
  process.stderr.write(`Usher cannot continue: ${describeFailure(error)}\n`);
  process.exit(1);
}

main().catch(fail);
