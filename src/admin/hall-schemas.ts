import type { HallBody, HallPatch } from '@usher/contract';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { WorkerThread } from '../common/worker-thread.js';
import type { HallOrder } from './hall-worker.js';

/**
 * Checks the bodies of halls. A check of 2,000 seats takes 15 ms and a check of 100,000 seats half a second, so it runs on
 * a thread of its own.
 */
const thread = new WorkerThread<HallOrder>('hall-worker', import.meta.url);

const createSchema = <Body>(schema: HallOrder['schema']): StandardSchemaV1<unknown, Body> => ({
  '~standard': {
    version: 1,
    vendor: 'usher',
    validate: async (body) => {
      const result = await thread.run({ schema, json: JSON.stringify(body ?? null) }, null);
      const checked: StandardSchemaV1.Result<Body> = JSON.parse(result.toString());
      return checked;
    },
  },
});

/** Like `HallBody` of the contract, but does not hold the event loop. */
export const HallBodySchema = createSchema<HallBody>('HallBody');

/** Like `HallPatch` of the contract, but does not hold the event loop. */
export const HallPatchSchema = createSchema<HallPatch>('HallPatch');
