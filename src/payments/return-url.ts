import { createInvalidRequestError } from '../common/invalid-request.js';

/**
 * The pay page leads whoever pays to an address that whoever began to pay has named: it must be one of ours, or anybody's
 * site could be the end of a link to us.
 *
 * @param baseUrl where callers reach this service; of http and https either will do, as TLS may end before it
 * @param origins other sites that may be led back to
 * @throws DomainError `INVALID_REQUEST`
 */
export function checkReturnUrl(returnUrl: string | undefined, baseUrl: string, origins: readonly string[]): void {
  if (returnUrl === undefined) return;
  const { host, origin, username, password } = new URL(returnUrl);
  const isHere = URL.canParse(baseUrl) && new URL(baseUrl).host === host;
  if ((isHere || origins.includes(origin)) && username === '' && password === '') return;
  throw createInvalidRequestError([
    { path: ['returnUrl'], message: 'must be a page of this service, or of RETURN_ORIGINS' },
  ]);
}
