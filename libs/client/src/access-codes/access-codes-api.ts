import { type AccessCodeAllowance, endpoints } from '@usher/contract';
import { bearerHeader, type RestClient, type WithToken } from '../http/rest-client.js';

/** Calls about access codes. Some shows require one before a session may enter the lobby or a line, or hold seats. */
export interface AccessCodes {
  /**
   * Uses a code for the session. If a store of the show is open, call {@link ShowStore.redeemAccessCode} instead, which
   * also enters the show.
   *
   * @returns what all codes of the session allow in this show
   * @throws UsherError `NOT_FOUND` (the show has no such code), `CODE_UNUSABLE` (with the `reason`), `RATE_LIMITED` …
   */
  redeem(showId: number, code: string): Promise<AccessCodeAllowance>;
  /** Reads what the codes of the session allow in a show. `seats` is 0 without a valid code. */
  read(showId: number): Promise<AccessCodeAllowance>;
}

/** Returns the calls about access codes. Each call uses the session's token. */
export const createAccessCodes = (rest: RestClient, withToken: WithToken): AccessCodes => ({
  redeem: (showId, code) =>
    withToken((token) =>
      rest.call(endpoints.redeemAccessCode, { showId }, { body: { code }, headers: bearerHeader(token) }),
    ),
  read: (showId) =>
    withToken((token) => rest.call(endpoints.getAccessCodeAllowance, { showId }, { headers: bearerHeader(token) })),
});
