import type { Service } from '../../../src/service.js';
import { askHost } from './ask-host.js';
import { NoResult, StartedService } from './messages.js';

/**
 * Starts the whole service in the host process of this Jest worker.
 *
 * @param env all settings of the service, for example those that `testEnvironment` returns
 * @throws Error with the message of the service if it cannot start
 */
export async function startTestService(env: Record<string, string>): Promise<Service> {
  const started = await askHost({ type: 'start', env }, StartedService);
  let closing: Promise<unknown> | null = null;
  return {
    url: started.url,
    operationsUrl: started.operationsUrl,
    close: async () => {
      closing ??= askHost({ type: 'close', id: started.id }, NoResult);
      await closing;
    },
  };
}

/**
 * Makes the services of this Jest worker trust these certificate authorities (PEM) instead of those of earlier calls.
 */
export async function trustCertificates(...certificates: readonly string[]): Promise<void> {
  await askHost({ type: 'trust', certificates }, NoResult);
}

/** Runs `work` while `Date.now()`, the clock of this Jest worker's services, is ahead by `byMs`. */
export async function withShiftedClock(byMs: number, work: () => Promise<void>): Promise<void> {
  await askHost({ type: 'shiftClock', byMs }, NoResult);
  try {
    await work();
  } finally {
    await askHost({ type: 'shiftClock', byMs: 0 }, NoResult);
  }
}
