/** How long a caller waits for PostgreSQL to answer a statement outside a show's transaction. */
const queryTimeoutMs = 5000;

/**
 * Returns a function that adds a timeout to a statement, so that a connection that no longer answers cannot block its
 * caller.
 */
export const createTimeout =
  (timeoutMs: number) =>
  <Statement extends object>(statement: Statement) => ({ ...statement, query_timeout: timeoutMs });

/** Adds a timeout of 5 s to a statement. */
export const withTimeout = createTimeout(queryTimeoutMs);
