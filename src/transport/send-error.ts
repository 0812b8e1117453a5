import type { ServerResponse } from 'node:http';
import type { ErrorBody } from '@usher/contract';

/**
 * Answers a REST call with an error of the contract. Express's own `send` would also compute an ETag, but nobody caches an
 * error, and floods are answered with errors.
 */
export function sendError(response: ServerResponse, body: ErrorBody): void {
  if ('retryAfterMs' in body) response.setHeader('Retry-After', Math.ceil(body.retryAfterMs / 1000));
  response.statusCode = body.status;
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  const bytes = Buffer.from(JSON.stringify(body));
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}
