/** Longest that a server's wish is followed. */
const waitMsMax = 60 * 60 * 1000;

/** Reads `Retry-After`: seconds or a date (RFC 9110, 10.2.3). @returns ms to wait; 0 where there is none or it is past */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(waitMs) ? 0 : Math.min(waitMsMax, Math.max(0, waitMs));
}
