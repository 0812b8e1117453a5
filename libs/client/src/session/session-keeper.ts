import type { Session } from '@usher/contract';
import type { SessionInfo, TokenStorage } from '../types.js';

/** This client's session: where its token comes from, where it is kept, and when it is no good any more. */
export class SessionKeeper {
  private session: SessionInfo | null;
  private creating: Promise<SessionInfo> | null = null;
  private awaiting: ((session: SessionInfo) => void)[] = [];

  /**
   * @param storage where the token is kept between visits
   * @param token one that the caller has already; wins over the stored one
   */
  constructor(
    private readonly storage: TokenStorage | undefined,
    token: string | undefined,
  ) {
    const known = token || this.stored();
    this.session = known ? { sessionId: null, token: known } : null;
  }

  /** The session, if there is one. */
  get current(): SessionInfo | null {
    return this.session;
  }

  /** The session, or a new one made by `create`; callers at the same time share it. */
  obtain(create: () => Promise<Session>): Promise<SessionInfo> {
    if (this.session) return Promise.resolve(this.session);
    this.creating ??= create()
      .then((session) => this.adopt(session))
      .finally(() => (this.creating = null));
    return this.creating;
  }

  /** Fulfilled when nobody is making a session; a socket that waits for it does not make a second one. */
  async settled(): Promise<void> {
    await this.creating?.catch(() => undefined);
  }

  /** Fulfilled by the next session that is adopted. */
  next(): Promise<SessionInfo> {
    return new Promise((resolve) => this.awaiting.push(resolve));
  }

  /** Takes and keeps a session that the server gave. */
  adopt({ sessionId, token }: Session): SessionInfo {
    this.session = { sessionId, token };
    this.store(token, sessionId);
    for (const resolve of this.awaiting.splice(0)) resolve(this.session);
    return this.session;
  }

  /**
   * The server no longer accepts this token. Does nothing if another token has taken its place here. If another client on
   * the same storage (another tab) has renewed the token, this client continues with that one.
   */
  drop(token: string): void {
    if (this.session?.token !== token) return;
    const kept = this.stored();
    if (kept && kept !== token) {
      this.session = { sessionId: null, token: kept };
      return;
    }
    this.session = null;
    this.store('', null);
  }

  // A storage that fails (full, forbidden in a private window) costs the next visit its session, not this one.
  private stored(): string | null {
    try {
      return this.storage?.get() ?? null;
    } catch {
      return null;
    }
  }

  private store(token: string, sessionId: string | null): void {
    try {
      this.storage?.set(token, sessionId);
    } catch {
      // As above.
    }
  }
}
