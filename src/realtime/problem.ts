import { type ErrorBody, errorBody } from '@usher/contract';
import { HttpException, type Logger } from '@nestjs/common';
import { isDatabaseAway } from '../database/database-away.js';
import { DomainError } from '../common/domain-error.js';
import { newId } from '../common/ids.js';
import { invalidRequest } from '../common/invalid-request.js';

/** When a client whose call found no database should try again. */
const retryAfterMs = 1000;

/** The contract's answer to whatever was thrown. What is not a refusal is a defect: logged whole, told as a trace id. */
export function toErrorBody(thrown: unknown, logger: Logger): ErrorBody {
  if (thrown instanceof DomainError) return thrown.body;
  const status = httpStatus(thrown);
  if (status === 404) return errorBody('NOT_FOUND', 'There is nothing at this address.', { what: 'address' });
  if (status === 413) return invalidRequest([{ message: 'the body is too large' }]).body;
  if (status !== null && status >= 400 && status < 500) {
    return invalidRequest([{ message: thrown instanceof Error ? thrown.message : 'malformed' }]).body;
  }
  if (isDatabaseAway(thrown)) {
    logger.warn({ err: thrown }, 'the database does not answer');
    return errorBody('BUSY', 'The database does not answer: nothing was done, trying again is safe.', { retryAfterMs });
  }
  const traceId = newId();
  logger.error({ traceId, err: thrown }, 'a defect');
  return errorBody('INTERNAL', 'Something broke on our side; the trace id finds it in the logs.', { traceId });
}

// Express's own errors (a body that is no JSON, too large a body) carry a status and are no HttpException.
function httpStatus(thrown: unknown): number | null {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : null;
  return typeof status === 'number' ? status : null;
}
