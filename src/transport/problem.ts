import { type ErrorBody, createErrorBody } from '@usher/contract';
import { HttpException, type Logger } from '@nestjs/common';
import { isDatabaseAway } from '../database/database-away.js';
import { DomainError } from '../common/domain-error.js';
import { newId } from '../common/ids.js';
import { invalidRequest } from '../common/invalid-request.js';
import { unauthenticated } from '../access/sessions/session-tokens.service.js';

/** When a client whose call found no database should try again. */
const retryAfterMs = 1000;

/**
 * A path exists, but not with this method. The contract has no code of its own for this, so the code is
 * `INVALID_REQUEST`; the status is 405, as HTTP wants it.
 */
export class MethodNotAllowedError extends Error {
  override readonly name = 'MethodNotAllowedError';

  /** @param allowed the methods of the path, as the header `Allow` lists them */
  constructor(
    readonly method: string,
    readonly allowed: readonly string[],
  ) {
    super(`${method} is not allowed here. Allowed: ${allowed.join(', ')}.`);
  }
}

/** The contract's answer to whatever was thrown. An unexpected error is logged, and its answer has only a trace id. */
export function toErrorBody(thrown: unknown, logger: Logger): ErrorBody {
  if (thrown instanceof DomainError) return thrown.body;
  if (thrown instanceof MethodNotAllowedError) {
    return { ...invalidRequest([{ message: thrown.message }]).body, status: 405 };
  }
  const status = httpStatus(thrown);
  if (status === 401) return unauthenticated().body;
  if (status === 404) return createErrorBody('NOT_FOUND', 'There is nothing at this address.', { what: 'address' });
  if (status === 413) return invalidRequest([{ message: 'the body is too large' }]).body;
  if (status !== null && status >= 400 && status < 500) {
    return invalidRequest([{ message: thrown instanceof Error ? thrown.message : 'malformed' }]).body;
  }
  if (isDatabaseAway(thrown)) {
    logger.warn({ err: thrown }, 'the database does not answer');
    return createErrorBody('BUSY', 'The database does not answer: nothing was done, trying again is safe.', {
      retryAfterMs,
    });
  }
  const traceId = newId();
  logger.error({ traceId, err: thrown }, 'a defect');
  return createErrorBody('INTERNAL', 'Something broke on our side; the trace id finds it in the logs.', { traceId });
}

// Express's own errors (a body that is no JSON, too large a body) carry a status and are no HttpException.
function httpStatus(thrown: unknown): number | null {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : null;
  return typeof status === 'number' ? status : null;
}
