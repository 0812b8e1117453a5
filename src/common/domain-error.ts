import { createErrorBody, type ErrorBody, type ErrorCode, type ErrorFields } from '@usher/contract';

/** An error with an error code of the contract. Each transport converts it to an answer. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DomainError';
  readonly body: ErrorBody;

  /**
   * @param detail tells a person what happened and what would help; contains no internals of the service and no
   * personal data
   */
  constructor(code: C, detail: string, fields: ErrorFields<C>) {
    super(detail);
    this.body = createErrorBody(code, detail, fields);
  }
}

/** Returns true for a `BUSY` error. A call that failed with it had no effect, so the caller may safely try again. */
export const isBusy = (error: unknown): boolean => error instanceof DomainError && error.body.code === 'BUSY';

/** Creates a `NOT_FOUND` error. @param what the kind of the missing resource, e.g. "show" or "booking" */
export const createNotFoundError = (what: string): DomainError<'NOT_FOUND'> =>
  new DomainError('NOT_FOUND', `There is no such ${what}.`, { what });

/** Creates an `UNAUTHENTICATED` error that says how to get a session. */
export const unauthenticated = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    'The session token is missing or no longer valid. POST /v1/sessions returns a new one.',
    {},
  );

/** Wraps an error body of the contract in an error that can be thrown. */
export const toDomainError = (body: ErrorBody): DomainError => new DomainError(body.code, body.detail, body);
