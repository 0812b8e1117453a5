import { endpoints } from '@usher/contract';
import type { RestClient } from '../http/rest-client.js';
import type { CheckIns } from './gate-types.js';

/**
 * Extra time for a long list over a slow network. A check-in gets no extra time, because a visitor waits for its
 * answer.
 */
const listExtraTimeoutMs = 20_000;

/** Returns the check-in calls. Each call uses the client's API key, if it has one. */
export const createCheckIns = (rest: RestClient): CheckIns => ({
  checkIn: (body, { key, signal } = {}) => {
    const headers = { ...rest.apiKeyHeaders, ...(key !== undefined && { 'idempotency-key': key }) };
    return rest.call(endpoints.checkIn, {}, { body, headers, signal });
  },
  list: (showId) => {
    const parts = { query: { showId }, headers: rest.apiKeyHeaders, extraTimeoutMs: listExtraTimeoutMs };
    return rest.call(endpoints.getGateList, {}, parts);
  },
  handIn: async (checkIns) => {
    const parts = { body: { checkIns }, headers: rest.apiKeyHeaders, extraTimeoutMs: listExtraTimeoutMs };
    return (await rest.call(endpoints.handInCheckIns, {}, parts)).items;
  },
});
