import { hash } from 'node:crypto';

/**
 * The first digits of a pseudonym. They are a UUIDv7 of the first millisecond of 1970, so no session has such an id, and
 * a pseudonym can be recognised.
 */
const prefix = '00000000-0000-7';

/** The highest pseudonym. Every session id is higher. */
const highestPseudonym = `${prefix}fff-ffff-ffffffffffff`;

/**
 * Returns the session id that replaces another one. Without the salt, nobody can find out which session a pseudonym
 * replaced, so the salt must be random, and it must be deleted when all ids are replaced.
 */
export function pseudonymOf(salt: string, sessionId: string): string {
  const digits = hash('sha256', salt + sessionId, 'hex');
  return `${prefix}${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
}

export const isPseudonym = (sessionId: string): boolean => sessionId.startsWith(prefix);

/** Returns the SQL expression for {@link pseudonymOf} of the column `session_id`. */
export function pseudonymSql(salt: string): string {
  const digits = `encode(sha256(convert_to(${salt}::text || session_id::text, 'UTF8')), 'hex')`;
  return `('${prefix}' || substr(${digits}, 1, 3) || '-8' || substr(${digits}, 4, 3) || '-' ||
    substr(${digits}, 7, 12))::uuid`;
}

/** Returns the SQL condition for rows whose `session_id` is not a pseudonym. */
export const isSessionSql = `session_id > '${highestPseudonym}'::uuid`;
