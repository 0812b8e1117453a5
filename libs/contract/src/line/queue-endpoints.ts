import { z } from 'zod';
import { IdempotencyHeaders } from '../values/idempotency.js';
import { queueOutcomeHeader, QueueOutcomeType, QueueWithOutcome } from './queue-outcome.js';
import { ProofQuery, QueueProof } from './queue-proof.js';
import { Queue, QueueBody, QueueParams, QueueQuery } from './queue.js';

const ofLine = {
  path: '/v1/shows/{showId}/queue',
  tag: 'Queue',
  params: QueueParams,
  needsSession: true,
  isCacheable: false,
} as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints for the lines of a show. */
export const queueEndpoints = {
  joinQueue: {
    ...ofLine,
    method: 'post',
    summary: "Join the show's line. A session that already stands in the line gets the same place again",
    headers: IdempotencyHeaders,
    body: QueueBody,
    status: 201,
    answer: Queue,
    errors: [
      ...errors,
      'CODE_REQUIRED',
      'CHALLENGE_REQUIRED',
      'INVALID_SEATS',
      'HOLD_LIMIT',
      'ADDRESS_LIMIT',
      'SALE_CLOSED',
      'KEY_REUSED',
    ],
  },
  getQueue: {
    ...ofLine,
    method: 'get',
    summary: "Get the session's place in the line, or null. With `wait`, the server answers once the place changes",
    query: QueueQuery,
    status: 200,
    answer: Queue.nullable(),
    requestedAnswer: QueueWithOutcome,
    answerHeaders: { [queueOutcomeHeader]: `The outcome of the wait: ${QueueOutcomeType.options.join(', ')}` },
    errors,
  },
  leaveQueue: {
    ...ofLine,
    method: 'delete',
    summary: "Leave the show's line. In a show with a waiting room, this also ends the session's stay",
    status: 200,
    answer: z.object({}),
    errors,
  },
  getQueueProof: {
    method: 'get',
    path: '/v1/shows/{showId}/queue/proof',
    summary: 'Get the proof of a line: its public key and the hash chain of its events',
    tag: 'Queue',
    params: QueueParams,
    query: ProofQuery,
    status: 200,
    answer: QueueProof,
    needsSession: false,
    isCacheable: false,
    errors: ['INVALID_REQUEST', 'NOT_FOUND', 'BUSY'],
  },
} as const;
