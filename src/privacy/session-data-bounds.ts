/** Bounds of exports and of erasures. Both read or rewrite many rows. */
export const sessionDataBounds = {
  runningMax: 2,
  waitingMax: 32,
  detail: 'Too many exports and erasures are waiting. This call did nothing, so a retry is safe.',
  retryAfterMs: 1000,
};
