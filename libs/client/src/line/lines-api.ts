import { endpoints } from '@usher/contract';
import type { ChallengeGate } from '../challenge/challenge-gate.js';
import { createIdempotencyKey } from '../common/idempotency-key.js';
import { bearerHeader, type RestClient, type WithToken } from '../http/rest-client.js';
import type { LineReadOptions, Lines } from './line-types.js';

/** Returns the calls about lines. Each call uses the session's token. */
export const createLines = (rest: RestClient, withToken: WithToken, challenges: ChallengeGate): Lines => ({
  join: (showId, body, { key = createIdempotencyKey() } = {}) =>
    challenges.run(showId, () =>
      withToken((token) => {
        const headers = { ...bearerHeader(token), 'idempotency-key': key };
        return rest.call(endpoints.joinQueue, { showId }, { body, headers });
      }),
    ),
  read: (showId, options = {}) =>
    withToken((token) => rest.call(endpoints.getQueue, { showId }, readParts(token, options))),
  readOutcome: (showId, options = {}) =>
    withToken((token) => {
      const { query, ...parts } = readParts(token, options);
      const { requestedAnswer: answer, ...endpoint } = endpoints.getQueue;
      return rest.call({ ...endpoint, answer }, { showId }, { ...parts, query: { ...query, outcome: 'true' } });
    }),
  leave: async (showId) => {
    await withToken((token) => rest.call(endpoints.leaveQueue, { showId }, { headers: bearerHeader(token) }));
  },
});

const readParts = (token: string, { wait, ahead, signal }: LineReadOptions) => ({
  query: { wait, ahead },
  headers: bearerHeader(token),
  signal,
  extraTimeoutMs: (wait ?? 0) * 1000,
});
