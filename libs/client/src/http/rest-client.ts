import { isErrorBody, renewalHeader } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { fillPath, queryString, type UrlValues } from './url.js';

/** The method and the path of one endpoint of the contract. */
export interface Endpoint {
  readonly method: string;
  /** For example `/v1/cities/{cityId}`. */
  readonly path: string;
}

/** An endpoint whose answer is parsed. */
interface AnsweringEndpoint<T> extends Endpoint {
  readonly answer: { parse(value: unknown): T };
  /** HTTP error statuses whose body is not an error, but an answer of the same shape. */
  readonly otherAnswers?: Readonly<Record<number, { parse(value: unknown): T }>>;
}

/** The parts of a request besides its path. */
export interface RequestParts {
  readonly query?: UrlValues;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that this request may take in addition to the client's timeout. */
  readonly extraTimeoutMs?: number;
}

/** A response whose body has been read. */
interface ReadResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

/**
 * Runs a call with the token of this client's session. If the server rejects the token, the call runs once more with the
 * token of a new session.
 */
export type WithToken = <T>(call: (token: string) => Promise<T>) => Promise<T>;

/** Options of a {@link RestClient}. */
export interface RestClientOptions {
  /** The URL that the paths of all endpoints are appended to, without a trailing slash. */
  baseUrl: string;
  apiKey: string | undefined;
  timeoutMs: number;
  /**
   * Receives the `Date` header of every response that cannot come from a cache, and the time when its request was sent.
   * `sentAt` is in milliseconds on the monotonic clock.
   */
  onDate?(date: string, sentAt: number): void;
  /** Called if the server asks the client to renew the session's token. */
  onRenewalDue?(): void;
}

/**
 * Calls Usher's REST endpoints and parses the answers with the contract's schemas. Every call rejects with
 * {@link UsherError}.
 */
export class RestClient {
  constructor(private readonly options: RestClientOptions) {}

  /** The header with the API key, or no header if the client has no key. */
  get apiKeyHeaders(): Record<string, string> {
    const { apiKey } = this.options;
    return apiKey === undefined ? {} : { 'x-api-key': apiKey };
  }

  /** Calls an endpoint and returns its parsed answer. */
  async call<T>(endpoint: AnsweringEndpoint<T>, params: UrlValues, parts: RequestParts = {}): Promise<T> {
    const body = await this.send(endpoint, params, parts, endpoint.otherAnswers);
    try {
      return endpoint.answer.parse(body);
    } catch (error) {
      throw UsherError.network(`The answer of ${this.options.baseUrl} does not match Usher's contract`, error);
    }
  }

  /** Calls an endpoint and returns the JSON body without checking it against the contract. */
  async send(
    { path, method }: Endpoint,
    params: UrlValues,
    parts: RequestParts,
    otherAnswers: Readonly<Record<number, unknown>> = {},
  ): Promise<unknown> {
    const url = this.options.baseUrl + fillPath(path, params) + queryString(parts.query ?? {});
    const { ok, status, body } = await this.fetchJson(url, method.toUpperCase(), parts);
    const isAnswer = ok || (status in otherAnswers && !isErrorBody(body));
    if (!isAnswer) throw toUsherError(body);
    return body;
  }

  /** Downloads a file. @param pathAndQuery appended to the base URL */
  download(pathAndQuery: string, headers: Record<string, string>): Promise<Blob> {
    return this.fetch(this.options.baseUrl + pathAndQuery, { headers }, async (response) => {
      if (!response.ok) throw toUsherError(await response.json());
      return response.blob();
    });
  }

  private fetchJson(url: string, method: string, parts: RequestParts): Promise<ReadResponse> {
    const { headers = {}, body, signal, extraTimeoutMs = 0 } = parts;
    const init: RequestInit = { method, headers, ...(signal && { signal }) };
    if (body !== undefined) {
      init.headers = { ...headers, 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const read = async (response: Response) => {
      const text = await response.text();
      return { ok: response.ok, status: response.status, body: text === '' ? null : JSON.parse(text) };
    };
    return this.fetch(url, init, read, extraTimeoutMs);
  }

  private async fetch<T>(
    url: string,
    init: RequestInit,
    read: (response: Response) => Promise<T>,
    extraTimeoutMs = 0,
  ): Promise<T> {
    const timeoutMs = this.options.timeoutMs + extraTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    const sentAt = performance.now();
    try {
      const response = await fetch(url, { ...init, signal });
      // No cache stores the response to a request with an Authorization header, so its date is current.
      const date = new Headers(init.headers).has('authorization') ? response.headers.get('date') : null;
      if (date !== null) this.options.onDate?.(date, sentAt);
      if (response.headers.has(renewalHeader)) this.options.onRenewalDue?.();
      return await read(response);
    } catch (error) {
      if (error instanceof UsherError) throw error;
      if (timeout.aborted) throw UsherError.timeout(`No answer within ${timeoutMs} ms`);
      // The server is unreachable, the caller aborted the request, or the body is not JSON (for example, an error page
      // of a proxy or a sign-in page).
      throw UsherError.network('The server could not be reached', error);
    }
  }
}

/** Returns the Authorization header for a session's token. */
export const bearerHeader = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
