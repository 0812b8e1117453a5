import type { Service } from '../../../src/service.js';
import { readJson } from '../contract-shapes.js';
import { HostAnswer, type HostRequest, type StartedService } from './messages.js';

/**
 * Starts the whole service in the host process of this Jest worker.
 *
 * @param env all settings of the service, such as `testEnvironment` returns
 * @throws Error with the message of the service if it cannot start
 */
export async function startTestService(env: Record<string, string>): Promise<Service> {
  const started = await ask({ type: 'start', env });
  if (!started) throw new Error('the host did not say where the service listens');
  let closing: Promise<void> | null = null;
  return {
    url: started.url,
    close: () => (closing ??= ask({ type: 'close', id: started.id }).then(() => undefined)),
  };
}

/** Makes the services of this Jest worker trust these certificate authorities (PEM), and none of earlier calls. */
export async function trustCertificates(...certificates: readonly string[]): Promise<void> {
  await ask({ type: 'trust', certificates });
}

/** Runs `work` while the clock of this Jest worker's services, `Date.now()`, is ahead by `byMs`. */
export async function withShiftedClock(byMs: number, work: () => Promise<void>): Promise<void> {
  await ask({ type: 'shiftClock', byMs });
  try {
    await work();
  } finally {
    await ask({ type: 'shiftClock', byMs: 0 });
  }
}

async function ask(request: HostRequest): Promise<StartedService | null> {
  const { TEST_SERVICE_HOSTS, JEST_WORKER_ID } = process.env;
  const url = `${TEST_SERVICE_HOSTS}/${JEST_WORKER_ID}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
  const answer = await readJson(HostAnswer, response);
  if ('error' in answer) throw new Error(answer.error);
  return answer.result;
}
