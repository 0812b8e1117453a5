import type { z } from 'zod';
import type { Role } from './access/api-keys.js';
import type { ErrorCode } from './errors.js';

/** Describes one REST endpoint. The server, the SDK and the OpenAPI document are all derived from it. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** The path in OpenAPI's form, e.g. `/v1/cities/{cityId}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 204 | 303;
  /**
   * The JSON body of the answer. Null if there is no body (204, 303), or if the answer is only available as {@link
   * documents}.
   */
  readonly answer: z.ZodType | null;
  /** Another JSON body that the answer has if the caller asks for it in the query. */
  readonly requestedAnswer?: z.ZodType;
  /** Headers of the answer, with a description of each value. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Media types of the answer besides JSON. */
  readonly documents?: readonly string[];
  /** JSON bodies of further answers that are not errors, by HTTP status. */
  readonly otherAnswers?: Readonly<Record<number, z.ZodType>>;
  /** True if the call needs a session's token in `Authorization: Bearer …`. */
  readonly needsSession: boolean;
  /** True if the token of a booking link, or an `X-Api-Key` with the role `staff`, may replace the session's token. */
  readonly acceptsBookingLink?: true;
  /** The role that the API key in `X-Api-Key` must have. Absent if the call needs no API key. */
  readonly role?: Role;
  /**
   * True if the answer has the headers `ETag` and `Cache-Control`. The server then answers a matching `If-None-Match`
   * with 304.
   */
  readonly isCacheable: boolean;
  /** The error codes of this call. Besides these, every call can fail with `RATE_LIMITED` or `INTERNAL`. */
  readonly errors: readonly ErrorCode[];
}
