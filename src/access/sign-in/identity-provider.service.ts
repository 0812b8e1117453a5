import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { SignInFailure } from '@usher/contract';
import * as client from 'openid-client';
import { DomainError } from '../../common/domain-error.js';
import { Poller } from '../../common/poller.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { OidcConfig } from '../../config/oidc.js';
import { type Person, toPerson } from '../operators/operator-claims.js';

/** The secrets of one sign-in attempt. They connect the answer of the identity provider to the browser that started it. */
export interface AttemptSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

const requestTimeoutSeconds = 5;
const discoveryIntervalMs = 60 * 60 * 1000;
/** Pause after a failed discovery. */
const retryMs = 5000;

/** OpenID Connect allows at most 255 ASCII characters. */
const validSubject = /^[\x20-\x7e]{1,255}$/;

/** The path to which the identity provider sends the browser back. */
const callbackPath = '/v1/operators/callback';

/** The page to which the identity provider sends the browser after a sign-out. */
const signedOutPath = '/gate';

/**
 * The identity provider of operators: authorization code flow with PKCE, state and nonce. A provider that is down stops
 * only sign-ins. API keys and the operators who have already signed in need no provider.
 */
@Injectable()
export class IdentityProvider implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IdentityProvider.name);
  private readonly stopping = new AbortController();
  private discovered: client.Configuration | null = null;
  private discovery: Promise<client.Configuration> | null = null;
  private readonly polls = new Poller(
    async () => {
      await this.discover();
      return discoveryIntervalMs;
    },
    (error) =>
      this.logger.warn(`the identity provider does not answer (${nameOf(error)}); sign-ins fail until it does`),
    retryMs,
  );

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  onApplicationBootstrap(): void {
    if (this.config.oidc !== null) this.polls.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.polls.stop();
  }

  /** @throws DomainError `NOT_FOUND` if there is no identity provider, `SIGN_IN_UNAVAILABLE` if it does not answer */
  async begin(): Promise<{ readonly url: URL; readonly secrets: AttemptSecrets }> {
    const configuration = await this.configuration();
    const secrets = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.ownUrl(callbackPath).href,
      scope: this.oidc.scopes,
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(secrets.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, secrets };
  }

  /**
   * Exchanges the code in the answer of the identity provider for the claims of the person.
   *
   * @param query the query with which the identity provider sent the browser back
   * @throws DomainError `NOT_FOUND`, `SIGN_IN_UNAVAILABLE` or `SIGN_IN_FAILED`
   */
  async finish(query: string, { state, nonce, codeVerifier }: AttemptSecrets): Promise<Person> {
    const configuration = await this.configuration();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, this.ownUrl(callbackPath + query), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined || !validSubject.test(claims.sub)) throw new Error('no valid subject');
      const { userinfo_endpoint: userInfoUrl } = configuration.serverMetadata();
      // Many providers put the name and their own claims only into the user info.
      const info = userInfoUrl ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      return toPerson({ ...info, ...claims }, claims.sub, this.oidc);
    } catch (error) {
      if (isUnreachable(error)) throw unavailable();
      this.logger.warn(`a sign-in failed (${nameOf(error)})`);
      throw signInFailed('refusedByProvider');
    }
  }

  /** Returns the page at which the identity provider ends its own session, or null if it has none or never answered. */
  findSignOutUrl(): string | null {
    const configuration = this.discovered;
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
    const parameters = { post_logout_redirect_uri: this.ownUrl(signedOutPath).href };
    return client.buildEndSessionUrl(configuration, parameters).href;
  }

  private get oidc(): OidcConfig {
    const { oidc } = this.config;
    if (oidc === null) {
      throw new DomainError('NOT_FOUND', 'This service has no identity provider, so nobody can sign in.', {
        what: 'sign-in',
      });
    }
    return oidc;
  }

  /** Returns a URL of this service. The setting PUBLIC_URL exists, because an identity provider needs it. */
  private ownUrl(pathAndQuery: string): URL {
    return new URL(pathAndQuery, this.config.publicUrl ?? undefined);
  }

  private async configuration(): Promise<client.Configuration> {
    if (this.discovered) return this.discovered;
    try {
      return await this.discover();
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw unavailable();
    }
  }

  /** Reads the metadata of the identity provider. Callers at the same time share one request. */
  private discover(): Promise<client.Configuration> {
    this.discovery ??= this.readMetadata().finally(() => (this.discovery = null));
    return this.discovery;
  }

  private async readMetadata(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.oidc;
    const url = new URL(issuer);
    // The library does not check the signature of an ID token that it received over TLS, unless it is told to.
    const execute = [client.enableNonRepudiationChecks];
    if (url.protocol === 'http:') execute.push(client.allowInsecureRequests);
    const configuration = await client.discovery(url, clientId, undefined, authenticateBy(clientSecret), {
      execute,
      timeout: requestTimeoutSeconds,
      [client.customFetch]: (address, options) => this.fetchFromProvider(address, options),
    });
    this.discovered = configuration;
    return configuration;
  }

  /** @throws UnreachableError if the identity provider does not answer, or if it has failed */
  private async fetchFromProvider(
    address: string,
    { signal, ...options }: client.CustomFetchOptions,
  ): Promise<Response> {
    const signals = [this.stopping.signal, ...(signal ? [signal] : [])];
    const response = await fetch(address, { ...options, signal: AbortSignal.any(signals) }).catch((cause: unknown) => {
      throw new UnreachableError('no answer', { cause });
    });
    if (response.status >= 500) throw new UnreachableError(`status ${response.status}`);
    return response;
  }
}

/** The identity provider does not answer, or it has failed. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Returns true for an {@link UnreachableError}, also if the library has wrapped it. */
const isUnreachable = (error: unknown): boolean => error instanceof Error && error.cause instanceof UnreachableError;

/** Sends the secret in the header, which is the default of OpenID Connect, unless the provider accepts it only in the body. */
function authenticateBy(secret: string | null): client.ClientAuth {
  if (secret === null) return client.None();
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    const isInBody = !methods.includes('client_secret_basic') && methods.includes('client_secret_post');
    return (isInBody ? inBody : inHeader)(server, ...rest);
  };
}

/** Returns the name of an error for the log. Its message may contain what a person or the provider sent. */
function nameOf(error: unknown): string {
  if (error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError) {
    return /^[\w.-]{1,64}$/.test(error.error) ? error.error : error.name;
  }
  if (isUnreachable(error)) return 'UnreachableError';
  return error instanceof client.ClientError
    ? (error.code ?? error.name)
    : error instanceof Error
      ? error.name
      : 'error';
}

const unavailable = (): DomainError<'SIGN_IN_UNAVAILABLE'> =>
  new DomainError('SIGN_IN_UNAVAILABLE', 'The identity provider does not answer. Try again in a moment.', {
    retryAfterMs: retryMs,
  });

const failures: Readonly<Record<SignInFailure, string>> = {
  unknownAttempt: 'This browser did not start this sign-in, or started it more than ten minutes ago. Sign in again.',
  refusedByProvider: 'The identity provider did not confirm this sign-in. Sign in again.',
  noRole: 'This account has no role in this service. An administrator of the identity provider can add one.',
  noCinema: 'This account has a role, but no cinema. An administrator of the identity provider can add one.',
};

/** Creates the error of a sign-in that failed. */
export const signInFailed = (reason: SignInFailure): DomainError<'SIGN_IN_FAILED'> =>
  new DomainError('SIGN_IN_FAILED', failures[reason], { reason });
