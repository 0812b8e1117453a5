/** Error codes of Node and PostgreSQL (classes 08, 53 and 57P) for a connection that failed or was refused. */
const unavailableCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|53...|57P0[123])$/;

/** Messages of `pg` and its pool for a connection that timed out or was lost. These errors have no code. */
const unavailableMessages = /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** Returns true if a read failed because the database is down or has no free connection. The caller may try again. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return unavailableCodes.test(code) || unavailableMessages.test(error.message);
}
