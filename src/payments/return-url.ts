import { createInvalidRequestError } from '../common/invalid-request.js';

/**
 * Checks the URL to which the pay page sends the buyer back. The URL must belong to this service or to an allowed site.
 * Otherwise an attacker could send buyers a link to this service that ends on the attacker's site.
 *
 * @param baseUrl the URL at which clients reach this service. The scheme is not compared, because a proxy may end TLS
 * @param origins other sites that are allowed
 * @throws DomainError `INVALID_REQUEST`
 */
export function checkReturnUrl(returnUrl: string | undefined, baseUrl: string, origins: readonly string[]): void {
  if (returnUrl === undefined) return;
  const { host, origin, username, password } = new URL(returnUrl);
  const isOwnPage = URL.canParse(baseUrl) && new URL(baseUrl).host === host;
  if ((isOwnPage || origins.includes(origin)) && username === '' && password === '') return;
  throw createInvalidRequestError([
    { path: ['returnUrl'], message: 'must be a page of this service, or of RETURN_ORIGINS' },
  ]);
}
