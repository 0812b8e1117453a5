import { IdempotencyHeaders } from '../values/idempotency.js';
import { PageQuery, pageSchema } from '../values/pages.js';
import { ShowParams } from '../values/path-params.js';
import {
  AccessCodeAllowance,
  AccessCodeBatch,
  AccessCodeBatchBody,
  AccessCodeBatchMade,
  AccessCodeBatchParams,
  AccessCodeBody,
} from './access-codes.js';

const forAdmins = { tag: 'Administration', needsSession: false, role: 'admin', isCacheable: false } as const;
const adminErrors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;
const forBuyers = {
  path: '/v1/shows/{showId}/access-code',
  tag: 'Access codes',
  params: ShowParams,
  status: 200,
  answer: AccessCodeAllowance,
  needsSession: true,
  isCacheable: false,
} as const;

/** Endpoints for access codes: presale codes and invitations that a show can require. */
export const accessCodeEndpoints = {
  redeemAccessCode: {
    ...forBuyers,
    method: 'post',
    summary:
      'Use an access code. The seats of several codes add up. A code counts once per session, so a repeated call is safe',
    body: AccessCodeBody,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CODE_UNUSABLE', 'BUSY'],
  },
  getAccessCodeAllowance: {
    ...forBuyers,
    method: 'get',
    summary: 'Get the number of seats that the access codes of the session allow',
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'],
  },
  createAccessCodes: {
    ...forAdmins,
    method: 'post',
    path: '/v1/admin/shows/{showId}/access-codes',
    summary:
      'Create a batch of access codes. Only this answer contains the codes. With `Accept: text/csv`, it is a CSV file with ' +
      'one code per row',
    params: ShowParams,
    headers: IdempotencyHeaders,
    body: AccessCodeBatchBody,
    status: 201,
    answer: AccessCodeBatchMade,
    documents: ['text/csv'],
    errors: [...adminErrors, 'KEY_REUSED'],
  },
  listAccessCodes: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/shows/{showId}/access-codes',
    summary: 'List the batches of access codes of a show, newest first',
    params: ShowParams,
    query: PageQuery,
    status: 200,
    answer: pageSchema(AccessCodeBatch),
    errors: adminErrors,
  },
  revokeAccessCodes: {
    ...forAdmins,
    method: 'delete',
    path: '/v1/admin/shows/{showId}/access-codes/{batchId}',
    summary:
      'Revoke a batch of access codes. Its codes cannot be used any more. Sessions that used one keep their seats and ' +
      'places, but get no more seats by it',
    params: AccessCodeBatchParams,
    status: 200,
    answer: AccessCodeBatch,
    errors: adminErrors,
  },
} as const;
