import { type ErrorBody, type ErrorCode, isErrorBody } from '@usher/contract';

/** Codes of the contract, and the two that only a client can see: nobody answered, or not in time. */
export type UsherErrorCode = ErrorCode | 'NETWORK' | 'TIMEOUT';

/** The one error that the SDK rejects and throws with. Branch on `code`; `message` is for people. */
export class UsherError extends Error {
  override readonly name = 'UsherError';

  /**
   * @param code what happened, stable
   * @param message for people
   * @param body what the server said, with the fields of its code; null for `NETWORK` and `TIMEOUT`
   */
  constructor(
    readonly code: UsherErrorCode,
    message: string,
    readonly body: ErrorBody | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Wraps what the server answered. */
  static of(body: ErrorBody): UsherError {
    return new UsherError(body.code, body.detail, body);
  }

  /** Nobody could be reached, or what answered is not Usher. */
  static network(message: string, cause?: unknown): UsherError {
    return new UsherError('NETWORK', message, null, { cause });
  }

  /** No answer within the caller's time. Whether the server acted is unknown. */
  static timeout(message: string): UsherError {
    return new UsherError('TIMEOUT', message);
  }
}

/** Makes an {@link UsherError} of whatever was thrown or sent: an error body, an UsherError, anything else. */
export function toUsherError(thrown: unknown): UsherError {
  if (thrown instanceof UsherError) return thrown;
  if (isErrorBody(thrown)) return UsherError.of(thrown);
  const detail = detailOfUnknown(thrown);
  if (detail !== null) return new UsherError('INTERNAL', detail);
  return UsherError.network(thrown instanceof Error ? thrown.message : 'The server could not be reached', thrown);
}

/** The `detail` of a problem whose code this version does not know: a refusal all the same, and no lost connection. */
function detailOfUnknown(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown) || !('detail' in thrown)) return null;
  return typeof thrown.detail === 'string' ? thrown.detail : null;
}
