import type { z } from 'zod';
import { readJson } from '../contract-shapes.js';
import { HostAnswer, type HostRequest } from './messages.js';

/** Sends a request to the host of this Jest worker. Returns the result. @throws Error with the message of the host */
export async function askHost<T>(request: HostRequest, result: z.ZodType<T>): Promise<T> {
  const { TEST_SERVICE_HOSTS, JEST_WORKER_ID } = process.env;
  const url = `${TEST_SERVICE_HOSTS}/${JEST_WORKER_ID}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
  const answer = await readJson(HostAnswer, response);
  if ('error' in answer) throw new Error(answer.error);
  return result.parse(answer.result);
}
