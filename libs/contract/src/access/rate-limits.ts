/**
 * Response header that names the call budget for which the service counted a REST call, and its size. For example
 * `"session";q=2000;w=2` means 2,000 points in 2 s. Most calls cost one point. The format is that of
 * draft-ietf-httpapi-ratelimit-headers-10. The names are `session`, `key` (an API key), `operator` (a person who has signed
 * in), `anonymous` (all callers of an address that have none of these), `address` (all callers of an address) and `probes`.
 */
export const rateLimitPolicyHeader = 'RateLimit-Policy';

/**
 * Response header with the rest of the budget that {@link rateLimitPolicyHeader} names. For example `"session";r=1999;t=2`
 * means that 1,999 points are left, and that the budget is full again after 2 s.
 */
export const rateLimitHeader = 'RateLimit';
