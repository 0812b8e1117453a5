import { type ErrorBody, createErrorBody } from '@usher/contract';
import { HttpException, type Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-unavailable.js';
import { DomainError, unauthenticated } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { createInvalidRequestError } from '../common/invalid-request.js';

/** Pause after which a client should retry while the database is unreachable. */
const retryAfterMs = 1000;

/**
 * Refuses a call whose path exists, but not for the method of the call. The contract has no code of its own for this
 * case, so the code is `INVALID_REQUEST`. The status is 405, as HTTP requires.
 */
export class MethodNotAllowedError extends Error {
  override readonly name = 'MethodNotAllowedError';

  /** @param allowed the methods of the path, for the header `Allow` */
  constructor(
    readonly method: string,
    readonly allowed: readonly string[],
  ) {
    super(`${method} is not allowed here. Allowed methods: ${allowed.join(', ')}.`);
  }
}

/** Maps an error to the contract's error body. An unexpected error is logged, and its body shows only a trace id. */
export function toErrorBody(thrown: unknown, logger: Logger): ErrorBody {
  if (thrown instanceof DomainError) return thrown.body;
  if (thrown instanceof MethodNotAllowedError) {
    return { ...createInvalidRequestError([{ message: thrown.message }]).body, status: 405 };
  }
  const status = httpStatus(thrown);
  if (status === 401) return unauthenticated().body;
  if (status === 404) return createErrorBody('NOT_FOUND', 'There is no resource at this address.', { what: 'address' });
  if (status === 413) return createInvalidRequestError([{ message: 'The body is too large.' }]).body;
  if (status !== null && status >= 400 && status < 500) {
    return createInvalidRequestError([
      { message: thrown instanceof Error ? thrown.message : 'The request is malformed.' },
    ]).body;
  }
  if (isDatabaseUnavailable(thrown)) {
    logger.warn({ err: thrown }, 'the database is unreachable; answering BUSY');
    return createErrorBody('BUSY', 'The database is unreachable. Nothing was done, so a retry is safe.', {
      retryAfterMs,
    });
  }
  const traceId = createId();
  logger.error({ traceId, err: thrown }, 'unexpected error; answering INTERNAL');
  return createErrorBody('INTERNAL', 'The service has failed. Its log contains the reason under this trace id.', {
    traceId,
  });
}

// Express's own errors, such as invalid JSON or a body that is too large, have a status but are not instances of
// `HttpException`.
function httpStatus(thrown: unknown): number | null {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : null;
  return typeof status === 'number' ? status : null;
}
