import { AccessCodeBatchMade } from '@usher/contract';
import type { Admin } from './admin.js';
import { validate } from './contract-shapes.js';
import type { RestAnswer, RestCaller } from './rest.js';

/** Creates a batch of access codes. By default, it has one code for one session and two seats. */
export async function makeAccessCodes(admin: Admin, showId: number, body: object = {}): Promise<AccessCodeBatchMade> {
  const defaults = { name: 'Fans', seatsPerUse: 2, ...('code' in body ? { usesPerCode: 100 } : { count: 1 }) };
  const answer = await admin.call('POST', `/shows/${showId}/access-codes`, { ...defaults, ...body });
  if (answer.status !== 201) throw new Error(`the service created no access codes: ${JSON.stringify(answer.body)}`);
  return validate(AccessCodeBatchMade, answer.body);
}

/** Uses an access code over REST. */
export const redeem = (buyer: RestCaller, showId: number, code: unknown): Promise<RestAnswer> =>
  buyer.call('POST', `/v1/shows/${showId}/access-code`, { code });

/** Holds seats over REST. */
export const reserve = (buyer: RestCaller, showId: number, seats: readonly number[]): Promise<RestAnswer> =>
  buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats });
