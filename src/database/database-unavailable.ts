/** Codes of a connection that could not be had or broke, by Node and by PostgreSQL (classes 08, 53 and 57P). */
const awayCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|53...|57P0[123])$/;

/** What `pg` and its pool say, without a code, of a connection that was not had in time or went away. */
const awayMessages = /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** Whether a read failed because the database is away or has no connection left: not a defect, and worth another try. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return awayCodes.test(code) || awayMessages.test(error.message);
}
