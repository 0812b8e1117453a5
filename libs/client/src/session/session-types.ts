/** Keeps the session's token between visits, for example in `localStorage`. */
export interface TokenStorage {
  /** Returns the stored token, or null. */
  get(): string | null;
  /**
   * Stores a token and the session that it belongs to. An empty token with a null session means that the stored token is
   * no longer valid.
   */
  set(token: string, sessionId: string | null): void;
}

/** The session that the server knows this client by. */
export interface SessionInfo {
  /** Null if the client only knows a stored or given token, because only the server can read the id from a token. */
  readonly sessionId: string | null;
  readonly token: string;
}
