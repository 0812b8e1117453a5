import type { Session } from '@usher/contract';
import type { SessionInfo, TokenStorage } from './session-types.js';

/**
 * Keeps this client's session. Reads its token from the storage, stores a new token, and drops a token that is no
 * longer valid.
 */
export class SessionKeeper {
  private session: SessionInfo | null;
  private pendingCreation: Promise<SessionInfo> | null = null;
  private waiters: ((session: SessionInfo) => void)[] = [];

  /**
   * @param storage keeps the token between visits
   * @param token a token that the caller already has. It takes precedence over the stored token
   */
  constructor(
    private readonly storage: TokenStorage | undefined,
    token: string | undefined,
  ) {
    const known = token || this.readStorage();
    this.session = known ? { sessionId: null, token: known } : null;
  }

  /** The current session, or null if there is none. */
  get current(): SessionInfo | null {
    return this.session;
  }

  /** Returns the current session, or a new one from `create`. Concurrent callers share one new session. */
  obtain(create: () => Promise<Session>): Promise<SessionInfo> {
    if (this.session) return Promise.resolve(this.session);
    this.pendingCreation ??= create()
      .then((session) => this.adopt(session))
      .finally(() => (this.pendingCreation = null));
    return this.pendingCreation;
  }

  /** Resolves when no session is being created. A socket waits for this, so that it does not create a second session. */
  async waitForCreation(): Promise<void> {
    await this.pendingCreation?.catch(() => undefined);
  }

  /** Resolves with the next session that {@link adopt} receives. */
  nextAdopted(): Promise<SessionInfo> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Makes a session from the server the current one, and stores its token. */
  adopt({ sessionId, token }: Session): SessionInfo {
    this.session = { sessionId, token };
    this.writeStorage(token, sessionId);
    for (const resolve of this.waiters.splice(0)) resolve(this.session);
    return this.session;
  }

  /**
   * Drops a token that the server no longer accepts. Does nothing if the client already has a different token. If
   * another client with the same storage (another tab) has renewed the token, this client continues with the renewed
   * token.
   */
  drop(token: string): void {
    if (this.session?.token !== token) return;
    const stored = this.readStorage();
    if (stored && stored !== token) {
      this.session = { sessionId: null, token: stored };
      return;
    }
    this.session = null;
    this.writeStorage('', null);
  }

  // A storage can fail, for example because it is full or because a private window forbids it. The current visit then
  // keeps its session in memory, and only the next visit starts without this session.
  private readStorage(): string | null {
    try {
      return this.storage?.get() ?? null;
    } catch {
      return null;
    }
  }

  private writeStorage(token: string, sessionId: string | null): void {
    try {
      this.storage?.set(token, sessionId);
    } catch {
      // See the comment above.
    }
  }
}
