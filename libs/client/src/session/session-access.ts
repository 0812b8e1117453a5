import { endpoints, type Session } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { bearerHeader, type RestClient } from '../http/rest-client.js';
import type { SessionKeeper } from './session-keeper.js';
import type { SessionInfo } from './session-types.js';

/** The parts of the client that a {@link SessionAccess} uses. */
export interface SessionAccessContext {
  readonly rest: RestClient;
  readonly keeper: SessionKeeper;
  readonly requestTimeoutMs: number;
  /** Whether a socket was started. A socket without a token receives a new session from the server. */
  isSocketStarted(): boolean;
  isClosed(): boolean;
}

/** Gets, renews and replaces the session for requests over REST. */
export class SessionAccess {
  private isRenewing = false;

  constructor(private readonly context: SessionAccessContext) {}

  /** See {@link Usher.session}. */
  async session(): Promise<SessionInfo> {
    const { keeper, requestTimeoutMs } = this.context;
    if (keeper.current) return keeper.current;
    if (this.context.isClosed()) throw UsherError.network('The client is closed');
    if (!this.context.isSocketStarted()) return keeper.obtain(() => this.requestSession());
    // The socket that is connecting without a token will receive a session, so this client must not create another.
    return new Promise((resolve, reject) => {
      const onTimeout = (): void => reject(UsherError.timeout(`No session within ${requestTimeoutMs} ms`));
      const timer = setTimeout(onTimeout, requestTimeoutMs);
      void keeper.nextAdopted().then((session) => {
        clearTimeout(timer);
        resolve(session);
      });
    });
  }

  /** Runs a call with the session's token. If the server rejects the token, runs the call again with a new session. */
  async withToken<T>(call: (token: string) => Promise<T>): Promise<T> {
    const { token } = await this.session();
    try {
      return await call(token);
    } catch (thrown) {
      if (toUsherError(thrown).code !== 'UNAUTHENTICATED') throw thrown;
      this.context.keeper.drop(token);
      return call((await this.session()).token);
    }
  }

  /**
   * Renews the session's token. If that fails, the client tries again when a later answer of the server asks for a
   * renewal.
   */
  async renewToken(): Promise<void> {
    const { keeper } = this.context;
    const { current } = keeper;
    if (current === null || this.isRenewing || this.context.isClosed()) return;
    this.isRenewing = true;
    try {
      const renewed = await this.requestSession(current.token);
      if (keeper.current?.token === current.token) keeper.adopt(renewed);
    } catch {
      // The current token is still valid.
    } finally {
      this.isRenewing = false;
    }
  }

  /** Requests a new session. With a valid token, the server returns the same session with a new token. */
  private requestSession(token?: string): Promise<Session> {
    const { rest } = this.context;
    const headers = { ...(token !== undefined && bearerHeader(token)), ...rest.apiKeyHeaders };
    return rest.call(endpoints.createSession, {}, { headers });
  }
}
