import { StartError } from '../common/start-error.js';
import type { EnvironmentSettings } from './environment.js';

/** The identity provider at which operators sign in. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Null if the service is a public client. */
  readonly clientSecret: string | null;
  readonly scopes: string;
  /** The claims with the roles and the cinemas of a person: a name, or a path of names separated by dots. */
  readonly rolesClaim: string;
  readonly cinemasClaim: string;
}

/** @throws StartError if only some of the settings are set */
export function readOidc(env: EnvironmentSettings): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret = null } = env;
  if (issuer === undefined && clientId === undefined && clientSecret === null) return null;
  if (issuer === undefined || clientId === undefined) {
    throw new StartError('Sign-in of operators needs both OIDC_ISSUER and OIDC_CLIENT_ID. Set both or neither.');
  }
  if (env.PUBLIC_URL === undefined) {
    throw new StartError(
      'OIDC_ISSUER needs PUBLIC_URL, because the identity provider sends the browser back to that address.',
    );
  }
  return {
    issuer,
    clientId,
    clientSecret,
    scopes: env.OIDC_SCOPES,
    rolesClaim: env.OIDC_ROLES_CLAIM,
    cinemasClaim: env.OIDC_CINEMAS_CLAIM,
  };
}
