/**
 * Returns the SQL that converts a time to ms since 1970. Without this conversion, MikroORM's connection returns times
 * as text.
 */
export const toEpochMs = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** Converts ms since 1970 to an ISO-8601 instant. */
export const toIso = (time: number): string => new Date(time).toISOString();

/** Converts ms since 1970 to an ISO-8601 instant, and null to null. */
export const toIsoOrNull = (time: number | null): string | null => (time === null ? null : toIso(time));
