/** How long a caller waits for PostgreSQL to answer a statement. */
const queryTimeoutMs = 5000;

/** Adds a timeout to a statement, so that a connection that has gone silent cannot block its caller. */
export const withTimeout = <Statement extends object>(statement: Statement) => ({
  ...statement,
  query_timeout: queryTimeoutMs,
});
