import { AltchaChallenge, type Challenge } from '@usher/contract';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';

/** After this time, the device is too slow for the challenge. */
const timeoutMs = 60_000;

/** Maximum number of workers. More would take the processor from the page on most phones. */
const workersMax = 4;

/** The fields of a solution that the server needs. */
interface Solution {
  readonly counter: number;
  readonly derivedKey: string;
}

/**
 * The part of a browser's worker that this file uses. This file uses no DOM types, because they do not exist when it is
 * compiled for Node.
 */
interface SolverWorker extends EventTarget {
  postMessage(message: unknown): void;
  terminate(): void;
}
declare const Worker: (new (script: URL, options: { type: 'module' }) => SolverWorker) | undefined;

/**
 * Solves a challenge of the provider `altcha`. In browsers, workers derive the keys, so that the page stays responsive.
 * Without workers, WebCrypto derives them one after another, outside of the main thread.
 *
 * @returns the payload of ALTCHA, in Base64
 * @throws Error if the page has no WebCrypto, because it was loaded neither over HTTPS nor from localhost
 */
export async function solveAltcha({ provider, parameters }: Challenge): Promise<string> {
  if (provider !== 'altcha') throw new Error(`This client cannot solve challenges of the provider ${provider}.`);
  if (!('subtle' in crypto)) throw new Error('A page must be loaded over HTTPS to solve a challenge.');
  const challenge = AltchaChallenge.parse(parameters);
  const solution = await solveInWorkers(challenge).catch(() =>
    solveChallenge({ challenge, deriveKey, timeout: timeoutMs }),
  );
  if (!solution) throw new Error(`This device did not solve the challenge within ${timeoutMs / 1000} s.`);
  const { counter, derivedKey } = solution;
  return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
}

/**
 * Lets several workers search in different counters until one of them finds the solution.
 *
 * @returns the solution, or null if the time is over
 * @throws Error if there are no workers, or if the policy of the page forbids them
 */
async function solveInWorkers(challenge: AltchaChallenge): Promise<Solution | null> {
  if (typeof Worker === 'undefined') throw new Error('there are no workers');
  const workers: SolverWorker[] = [];
  const counterStep = Math.max(1, Math.min(workersMax, navigator.hardwareConcurrency));
  try {
    for (let counterStart = 0; counterStart < counterStep; counterStart++) {
      // Bundlers find the script by exactly this expression.
      const worker = new Worker(new URL('./altcha-worker.js', import.meta.url), { type: 'module' });
      workers.push(worker);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers, unlike windows, have no origin
      worker.postMessage({ type: 'work', challenge, counterStart, counterStep, timeout: timeoutMs });
    }
    return await Promise.race(workers.map(solutionOf));
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

const solutionOf = (worker: SolverWorker): Promise<Solution | null> =>
  new Promise((resolve, reject) => {
    worker.addEventListener('error', () => reject(new Error('the script of the worker failed')));
    worker.addEventListener('message', (event) => {
      const data: unknown = Reflect.get(event, 'data');
      if (data === null || isSolution(data)) resolve(data);
      else reject(new Error('the worker could not derive keys'));
    });
  });

const isSolution = (data: unknown): data is Solution =>
  typeof data === 'object' &&
  data !== null &&
  'counter' in data &&
  typeof data.counter === 'number' &&
  'derivedKey' in data &&
  typeof data.derivedKey === 'string';
