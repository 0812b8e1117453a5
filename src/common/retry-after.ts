/** Longest wait that a `Retry-After` header may ask for. */
const waitMsMax = 60 * 60 * 1000;

/**
 * Reads a `Retry-After` header, which contains a number of seconds or a date (RFC 9110, 10.2.3).
 *
 * @returns the ms to wait, at most one hour; 0 if the header is missing or invalid, or if its date has passed
 */
export function readRetryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(waitMs) ? 0 : Math.min(waitMsMax, Math.max(0, waitMs));
}
