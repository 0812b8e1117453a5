import { type ErrorBody, type ErrorCode, isErrorBody } from '@usher/contract';

/**
 * The codes of an {@link UsherError}. Two codes are not in the contract, because only a client can see these failures.
 *
 * - `NETWORK`: the server could not be reached, or the answer did not come from Usher.
 * - `TIMEOUT`: no answer came in time.
 */
export type UsherErrorCode = ErrorCode | 'NETWORK' | 'TIMEOUT';

/**
 * The error class for every failure of a request. To handle an error, check its `code`, because `message` is for
 * people.
 */
export class UsherError extends Error {
  override readonly name = 'UsherError';

  /**
   * @param code the stable code of the failure
   * @param message a description for people
   * @param body the server's error body, including the extra fields of its code. Null if the server sent no body that
   *   this SDK knows, as for `NETWORK` and `TIMEOUT`
   */
  constructor(
    readonly code: UsherErrorCode,
    message: string,
    readonly body: ErrorBody | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Returns the error for an error body that the server sent. */
  static of(body: ErrorBody): UsherError {
    return new UsherError(body.code, body.detail, body);
  }

  /** Returns a `NETWORK` error: the server could not be reached, or the answer did not come from Usher. */
  static network(message: string, cause?: unknown): UsherError {
    return new UsherError('NETWORK', message, null, { cause });
  }

  /** Returns a `TIMEOUT` error: no answer came in time. The server may or may not have processed the request. */
  static timeout(message: string): UsherError {
    return new UsherError('TIMEOUT', message);
  }
}

/** Converts any thrown or received value to an {@link UsherError}. Returns an UsherError unchanged. */
export function toUsherError(thrown: unknown): UsherError {
  if (thrown instanceof UsherError) return thrown;
  if (isErrorBody(thrown)) return UsherError.of(thrown);
  const detail = detailOfUnknownCode(thrown);
  if (detail !== null) return new UsherError('INTERNAL', detail);
  return UsherError.network(thrown instanceof Error ? thrown.message : 'The server could not be reached', thrown);
}

/**
 * Returns the `detail` of an error body whose code this version of the SDK does not know, or null for any other value.
 * A newer server sends such a body when it refuses a request, so the connection works.
 */
function detailOfUnknownCode(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown) || !('detail' in thrown)) return null;
  return typeof thrown.detail === 'string' ? thrown.detail : null;
}
