import { createErrorBody, type ErrorBody, type ErrorCode, type ErrorFields } from '@usher/contract';

/** A refusal that the contract has a code for. Transports turn it into their answer; nothing else catches it. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DomainError';
  readonly body: ErrorBody;

  /** @param detail for people: what happened and what would help; nothing of the inside, no personal data */
  constructor(code: C, detail: string, fields: ErrorFields<C>) {
    super(detail);
    this.body = createErrorBody(code, detail, fields);
  }
}

/** Whether something was refused only because others were first: nothing was done, and trying again is safe. */
export const isBusy = (error: unknown): boolean => error instanceof DomainError && error.body.code === 'BUSY';

/** `NOT_FOUND` for a thing of the contract: "show", "booking", "city" … */
export const createNotFoundError = (what: string): DomainError<'NOT_FOUND'> =>
  new DomainError('NOT_FOUND', `There is no such ${what}.`, { what });

/** `UNAUTHENTICATED`, with the way to get a session. */
export const unauthenticated = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    'The session token is missing or no longer valid. POST /v1/sessions returns a new one.',
    {},
  );

/** A refusal that was decided elsewhere, as something to throw. */
export const toDomainError = (body: ErrorBody): DomainError => new DomainError(body.code, body.detail, body);
