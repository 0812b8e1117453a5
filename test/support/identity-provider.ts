import { once } from 'node:events';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { Provider } from 'oidc-provider';
import { z } from 'zod';
import { portOf } from './port-of.js';

/** The claims of a person at the {@link TestIdentityProvider}. */
export interface TestClaims {
  readonly name?: string;
  readonly email?: string;
  readonly usher_roles?: unknown;
  readonly usher_cinemas?: unknown;
}

// The package warns that its own pages and its store in memory are only for development. Here, they are the purpose.
for (const level of ['info', 'warn'] as const) {
  const print = console[level].bind(console);
  console[level] = (...parts: unknown[]) => {
    if (!String(parts[0]).startsWith('oidc-provider ')) print(...parts);
  };
}

const TokenAnswer = z.looseObject({ id_token: z.string() });

const clientId = 'usher';
const clientSecret = randomBytes(16).toString('hex');
const signingKey = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  use: 'sig',
};

/** A real identity provider (the package `oidc-provider`) on a local port. Its own pages ask for any login and password. */
export class TestIdentityProvider {
  private readonly people = new Map<string, TestClaims>();
  private server: Server | null = null;
  private port = 0;
  /** Changes the ID tokens of the provider on their way to the service. */
  changeIdToken: ((token: string) => string) | null = null;

  /** @param host a name of this machine. `localhost` is another site than 127.0.0.1 for a browser */
  constructor(private readonly host: '127.0.0.1' | 'localhost' = '127.0.0.1') {}

  /** The settings with which a service uses this provider. @param publicUrl the address of the service */
  settings(publicUrl: string): Record<string, string> {
    return {
      OIDC_ISSUER: this.issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      PUBLIC_URL: publicUrl,
    };
  }

  get issuer(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** Adds a person, or changes the claims of a person. @param login the subject, with which the person signs in */
  add(login: string, claims: TestClaims): void {
    this.people.set(login, claims);
  }

  /** Chooses the port of the provider, so that a service can start before it. */
  async reservePort(): Promise<void> {
    const server = createServer().listen(0, this.host);
    await once(server, 'listening');
    this.port = portOf(server);
    server.close();
    await once(server, 'close');
  }

  /** Starts the provider. @param publicUrls the addresses of the services that may send their browsers here */
  async start(publicUrls: readonly string[]): Promise<void> {
    if (this.port === 0) await this.reservePort();
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: publicUrls.map((url) => `${url}/v1/operators/callback`),
          post_logout_redirect_uris: publicUrls.map((url) => `${url}/gate`),
        },
      ],
      claims: { openid: ['sub'], profile: ['name', 'usher_roles', 'usher_cinemas'], email: ['email'] },
      findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...this.people.get(accountId) }) }),
      jwks: { keys: [signingKey] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
    });
    provider.use(async (context, next) => {
      await next();
      const tokens = TokenAnswer.safeParse(context.body);
      if (!tokens.success || this.changeIdToken === null) return;
      context.body = { ...tokens.data, id_token: this.changeIdToken(tokens.data.id_token) };
    });
    const answer = provider.callback();
    this.server = createServer((request, response) => void answer(request, response)).listen(this.port, this.host);
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.server) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    this.server = null;
  }
}
