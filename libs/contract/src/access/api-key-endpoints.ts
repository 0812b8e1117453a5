import { IdempotencyHeaders } from '../values/idempotency.js';
import { PageQuery, pageSchema } from '../values/pages.js';
import { ApiKey, ApiKeyBody, ApiKeyMade, ApiKeyParams, ApiKeyRotateBody } from './api-keys.js';

const forAdmins = { role: 'admin', needsSession: false, isCacheable: false, tag: 'Administration' } as const;
const adminErrors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;

/** Endpoints that manage API keys. */
export const apiKeyEndpoints = {
  createApiKey: {
    ...forAdmins,
    method: 'post',
    path: '/v1/admin/api-keys',
    summary:
      'Create an API key. Only this answer contains the secret text of the key. The new key cannot have a role or a scope ' +
      'that the calling key does not have',
    headers: IdempotencyHeaders,
    body: ApiKeyBody,
    status: 201,
    answer: ApiKeyMade,
    errors: [...adminErrors, 'NOT_FOUND', 'KEY_REUSED'],
  },
  listApiKeys: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/api-keys',
    summary: 'List the API keys whose roles and scope the calling key has too, newest first',
    query: PageQuery,
    status: 200,
    answer: pageSchema(ApiKey),
    errors: adminErrors,
  },
  rotateApiKey: {
    ...forAdmins,
    method: 'post',
    path: '/v1/admin/api-keys/{keyId}/rotate',
    summary:
      'Give an API key a new secret text, which only this answer contains. The old text stays valid for `overlapSeconds`',
    params: ApiKeyParams,
    headers: IdempotencyHeaders,
    body: ApiKeyRotateBody,
    status: 201,
    answer: ApiKeyMade,
    errors: [...adminErrors, 'NOT_FOUND', 'KEY_REUSED'],
  },
  revokeApiKey: {
    ...forAdmins,
    method: 'delete',
    path: '/v1/admin/api-keys/{keyId}',
    summary:
      'Revoke an API key. From now on, calls with this key are refused and its webhooks get no events. Its sockets are ' +
      'closed within a second',
    params: ApiKeyParams,
    status: 200,
    answer: ApiKey,
    errors: [...adminErrors, 'NOT_FOUND'],
  },
} as const;
