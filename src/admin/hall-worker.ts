import { parentPort } from 'node:worker_threads';
import { HallBody, HallPatch } from '@usher/contract';

/** A body to check, as JSON. */
export interface HallOrder {
  readonly schema: 'HallBody' | 'HallPatch';
  readonly json: string;
}

const schemas = { HallBody, HallPatch };

/** Checks a body. Returns the parsed body as `value`, or the `issues` of an invalid one. */
function check({ schema, json }: HallOrder): object {
  const { success, data, error } = schemas[schema].safeParse(JSON.parse(json));
  return success ? { value: data } : { issues: error.issues.map(({ path, message }) => ({ path, message })) };
}

parentPort?.on('message', (order: HallOrder) =>
  parentPort?.postMessage(new TextEncoder().encode(JSON.stringify(check(order))), []),
);
