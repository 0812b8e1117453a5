import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../common/start-error.js';

/** A whole number in plain digits: not `1e3`, not ` 7`. */
const wholeNumberSchema = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
};

const secondsSchema = (fallback: number, min = 1) => wholeNumberSchema(min, 86_400).default(fallback);

const BooleanText = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Scheme, host and port of a site, for example `https://tickets.example`. A path, query, fragment or user is refused. */
const Origin = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL', abort: true })
  .refine((url) => {
    const { pathname, search, hash, username, password } = new URL(url);
    return pathname === '/' && `${search}${hash}${username}${password}` === '';
  }, 'must be an origin without a path, such as https://tickets.example')
  .transform((url) => new URL(url).origin);

/** Every setting of Usher, by its environment variable. The docstrings are the README's table. */
const Environment = z.object({
  /** Where to listen; 0 takes a free port and the start line says which. */
  PORT: wholeNumberSchema(0, 65_535).default(3000),
  HOST: z.string().min(1).optional(),
  /** Embedded PostgreSQL's files and generated secrets. */
  DATA_DIR: z.string().min(1).default('.usher'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /** Connections of this node to the database, at most. Two at least: the schema is brought up to date under a lock. */
  DATABASE_POOL_MAX: wholeNumberSchema(2, 1000).default(10),
  /** Whether statements are prepared by name. `false` for a pooler in transaction mode that loses track of them. */
  DATABASE_PREPARE: BooleanText.default(true),
  /** One URL, or several separated by commas for Redis Cluster. */
  REDIS_URL: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL, or several separated by commas' })))
    .optional(),
  DEMO: BooleanText.optional(),
  /** How long a hold lasts. */
  HOLD_SECONDS: secondsSchema(300),
  /** Added once to a hold when paying starts. */
  PAYMENT_GRACE_SECONDS: secondsSchema(120, 0),
  /** Longest wait in line. */
  QUEUE_MAX_WAIT_SECONDS: secondsSchema(3600),
  /** Seats in one reservation; also how many of a show one session may hold at once unless the show says otherwise. */
  MAX_SEATS: wholeNumberSchema(1, 10).default(10),
  /** Shortest time between two `seats:changed` of a show. */
  TICK_MS: wholeNumberSchema(1, 5000).default(50),
  /** Proxies in front of the service, whose `X-Forwarded-For` tells where a client comes from. */
  PROXIES: wholeNumberSchema(0, 10).default(0),
  /** Sockets that one address may have open on one node. */
  SOCKETS_PER_ADDRESS_MAX: wholeNumberSchema(1, 10_000_000).default(20_000),
  /**
   * REST calls per second of one session or API key, and of all callers of one address that have neither. After a quiet
   * second, twice as many at once.
   */
  CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 1_000_000).default(1000),
  /** Requests and socket handshakes per second of one address; twice as many at once. Default: five times the above. */
  ADDRESS_CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 10_000_000).optional(),
  /** Wrong API keys per minute from one address. */
  KEY_GUESSES_PER_MINUTE_MAX: wholeNumberSchema(1, 100_000).default(10),
  /** What arrives may wait so long for its turn on a node; past that, new work is answered `BUSY`. */
  LOOP_WAIT_MS_MAX: wholeNumberSchema(1, 60_000).default(500),
  /** Signs session tokens. */
  SESSION_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'must be 32 bytes or more; `openssl rand -hex 32` makes one')
    .optional(),
  /** A key with every role. */
  ADMIN_API_KEY: z.string().min(16, 'must be 16 characters or more').optional(),
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  SANDBOX_DELAY_SECONDS: secondsSchema(20, 0),
  /**
   * Origin where buyers reach this service, used in links that the service hands out. Default: the host of each request.
   * A path is refused: the pages, the socket and the API are served from the root of a host.
   */
  PUBLIC_URL: Origin.optional(),
  /** Other sites that buyers may be led back to from the pay page: origins, separated by commas. */
  RETURN_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .pipe(z.array(Origin))
    .default([]),
  /** Stripe's secret key, and the secret that it signs its webhooks with. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_/, 'must be a secret key (sk_…) or a restricted key (rk_…)')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_/, 'must be the signing secret of the endpoint (whsec_…)')
    .optional(),
  /** Where Stripe's API is; for tests. */
  STRIPE_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .default('https://api.stripe.com'),
  /** Whom a push service turns to about this service: a `mailto:` or `https:` URL. Make it yours. */
  PUSH_CONTACT: z
    .url({ protocol: /^(https|mailto)$/, error: 'must be a mailto: or https:// URL' })
    .default('mailto:operator@example.com'),
  /** Push also to hosts that are not on the public internet. Clients name the hosts, so: for tests only. */
  PUSH_PRIVATE_HOSTS: BooleanText.default(false),
  /** The mail server, `smtp://user:password@host:port` or `smtps://`; without it mails are kept and shown to operations. */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
  /** Who mails come from: an address, or a name with one in angle brackets. */
  MAIL_FROM: z
    .string()
    .min(3)
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an address, or Name <address>')
    .default('Usher <tickets@localhost>'),
  /** Files (PEM) that passes for Apple Wallet are signed with: all of a Pass Type ID, and Apple's own certificate. */
  APPLE_PASS_CERTIFICATE: z.string().optional(),
  APPLE_PASS_KEY: z.string().optional(),
  APPLE_WWDR_CERTIFICATE: z.string().optional(),
  /** Of the key, where it has one. */
  APPLE_PASS_PASSPHRASE: z.string().optional(),
  /** Who issues passes for Google Wallet, and the key file (JSON) of the service account that signs them. */
  GOOGLE_WALLET_ISSUER: z
    .string()
    .regex(/^[0-9]{1,30}$/, 'must be the number of an issuer')
    .optional(),
  GOOGLE_WALLET_KEY: z.string().optional(),
  /** Send webhooks also to hosts that are not on the public internet, and by http. Partners name the hosts. */
  WEBHOOK_PRIVATE_HOSTS: BooleanText.default(false),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** How the database is used. */
export interface DatabaseConfig {
  /** Null: embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly databasePoolMax: number;
  readonly canPrepareStatements: boolean;
}

/** The settings as the code uses them: typed, defaults filled in, frozen. */
export interface Config extends DatabaseConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Null: one node. Several: Redis Cluster. */
  readonly redisUrls: readonly string[] | null;
  readonly shouldLoadDemo: boolean;
  readonly holdMs: number;
  readonly paymentGraceMs: number;
  readonly queueWaitMsMax: number;
  readonly seatsMax: number;
  readonly tickMs: number;
  readonly proxyCount: number;
  readonly socketsPerAddressMax: number;
  readonly callsPerSecondMax: number;
  readonly addressCallsPerSecondMax: number;
  readonly keyGuessesPerMinuteMax: number;
  readonly loopWaitMsMax: number;
  /** Null only when embedded: then it is generated and kept in {@link dataDir}. */
  readonly sessionSecret: string | null;
  readonly adminApiKey: string | null;
  readonly paymentProvider: 'sandbox' | 'stripe';
  readonly sandboxDelayMs: number;
  /** Without a slash at its end. Null: what each caller called the service by. */
  readonly publicUrl: string | null;
  /** Where the pay page may lead back to, besides this service. */
  readonly returnOrigins: readonly string[];
  /** Null unless {@link paymentProvider} is `stripe`. */
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiUrl: string } | null;
  /** `mailto:` or `https:`. */
  readonly pushContact: string;
  readonly canPushToPrivateHosts: boolean;
  /** Null: no mail is sent. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Files that passes for Apple Wallet are signed with. Null: there are no such passes. */
  readonly appleWallet: {
    readonly certificate: string;
    readonly key: string;
    readonly passphrase: string | null;
    readonly wwdrCertificate: string;
  } | null;
  /** Null: there are no passes for Google Wallet. */
  readonly googleWallet: { readonly issuerId: string; readonly keyFile: string } | null;
  readonly canCallPrivateWebhooks: boolean;
  readonly logLevel: string;
}

/** Nest's token for the {@link Config}. */
export const CONFIG = Symbol('Config');

type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** @throws StartError when Stripe takes the payments and its keys are missing */
function readStripe(env: z.output<typeof Environment>): Config['stripe'] {
  if (env.PAYMENT_PROVIDER !== 'stripe') return null;
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_URL: apiUrl } = env;
  if (secretKey !== undefined && webhookSecret !== undefined) return { secretKey, webhookSecret, apiUrl };
  throw new StartError('STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are needed with PAYMENT_PROVIDER=stripe.');
}

/** @throws StartError when some of what passes for Apple Wallet are signed with is missing */
function readAppleWallet(env: z.output<typeof Environment>): Config['appleWallet'] {
  const { APPLE_PASS_CERTIFICATE: certificate, APPLE_PASS_KEY: key, APPLE_WWDR_CERTIFICATE: wwdrCertificate } = env;
  if (certificate === undefined && key === undefined && wwdrCertificate === undefined) return null;
  if (certificate !== undefined && key !== undefined && wwdrCertificate !== undefined) {
    return { certificate, key, passphrase: env.APPLE_PASS_PASSPHRASE ?? null, wwdrCertificate };
  }
  throw new StartError('APPLE_PASS_CERTIFICATE, APPLE_PASS_KEY and APPLE_WWDR_CERTIFICATE are needed together.');
}

/** @throws StartError when one of two is missing */
function readGoogleWallet(env: z.output<typeof Environment>): Config['googleWallet'] {
  const { GOOGLE_WALLET_ISSUER: issuerId, GOOGLE_WALLET_KEY: keyFile } = env;
  if (issuerId === undefined && keyFile === undefined) return null;
  if (issuerId !== undefined && keyFile !== undefined) return { issuerId, keyFile };
  throw new StartError('GOOGLE_WALLET_ISSUER and GOOGLE_WALLET_KEY are needed together.');
}

/** Settings that have a default in embedded mode only: why a service on a database of its own needs each, and an example. */
const requiredToServe: Readonly<Record<string, string>> = {
  SESSION_SECRET:
    'to sign sessions alike on every node, 32 bytes or more, for example SESSION_SECRET=$(openssl rand -hex 32)',
  PAYMENT_PROVIDER:
    'because the sandbox books seats and takes no money, so it must be chosen: PAYMENT_PROVIDER=stripe, or ' +
    'PAYMENT_PROVIDER=sandbox for a trial',
  PUBLIC_URL:
    'because mails, pay pages and wallets link to it, and what a caller sends as Host may be forged, for example ' +
    'PUBLIC_URL=https://tickets.example.com',
};

/**
 * The settings of a service that buyers reach. With DATABASE_URL nothing that buyers depend on has a default.
 *
 * @throws StartError as {@link readConfig}; in one line that names each missing setting, the reason and an example
 */
export function readServiceConfig(environment: EnvironmentVariables): Config {
  const config = readConfig(environment);
  if (config.databaseUrl === null) return config;
  const missing = Object.entries(requiredToServe).filter(([name]) => !environment[name]);
  if (missing.length === 0) return config;
  const reasons = missing.map(([name, reason]) => `${name} is needed ${reason}`);
  throw new StartError(`Settings are missing that a service with DATABASE_URL needs. ${reasons.join('. ')}.`);
}

/**
 * Reads the settings. An empty variable counts as one that is not set. Programs that serve nobody (import, generate) read
 * them by this function, and the service by {@link readServiceConfig}.
 *
 * @throws StartError in one line that names each bad variable and what it should be
 */
export function readConfig(environment: EnvironmentVariables): Config {
  const env = parseSettings(Environment, environment);
  const embedded = env.DATABASE_URL === undefined;
  return Object.freeze({
    port: env.PORT,
    host: env.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0'),
    dataDir: resolve(env.DATA_DIR),
    ...toDatabaseConfig(env),
    redisUrls: env.REDIS_URL ?? null,
    shouldLoadDemo: env.DEMO ?? embedded,
    holdMs: env.HOLD_SECONDS * 1000,
    paymentGraceMs: env.PAYMENT_GRACE_SECONDS * 1000,
    queueWaitMsMax: env.QUEUE_MAX_WAIT_SECONDS * 1000,
    seatsMax: env.MAX_SEATS,
    tickMs: env.TICK_MS,
    proxyCount: env.PROXIES,
    socketsPerAddressMax: env.SOCKETS_PER_ADDRESS_MAX,
    callsPerSecondMax: env.CALLS_PER_SECOND_MAX,
    addressCallsPerSecondMax: env.ADDRESS_CALLS_PER_SECOND_MAX ?? 5 * env.CALLS_PER_SECOND_MAX,
    keyGuessesPerMinuteMax: env.KEY_GUESSES_PER_MINUTE_MAX,
    loopWaitMsMax: env.LOOP_WAIT_MS_MAX,
    sessionSecret: env.SESSION_SECRET ?? null,
    adminApiKey: env.ADMIN_API_KEY ?? null,
    paymentProvider: env.PAYMENT_PROVIDER,
    sandboxDelayMs: env.SANDBOX_DELAY_SECONDS * 1000,
    publicUrl: env.PUBLIC_URL ?? null,
    returnOrigins: env.RETURN_ORIGINS,
    stripe: readStripe(env),
    pushContact: env.PUSH_CONTACT,
    canPushToPrivateHosts: env.PUSH_PRIVATE_HOSTS,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    appleWallet: readAppleWallet(env),
    googleWallet: readGoogleWallet(env),
    canCallPrivateWebhooks: env.WEBHOOK_PRIVATE_HOSTS,
    logLevel: env.LOG_LEVEL,
  });
}

const DatabaseEnvironment = Environment.pick({ DATABASE_URL: true, DATABASE_POOL_MAX: true, DATABASE_PREPARE: true });

/** The same for a program that only wants the database. @throws StartError */
export function readDatabaseConfig(environment: EnvironmentVariables): DatabaseConfig {
  return Object.freeze(toDatabaseConfig(parseSettings(DatabaseEnvironment, environment)));
}

function toDatabaseConfig(env: z.infer<typeof DatabaseEnvironment>): DatabaseConfig {
  return {
    databaseUrl: env.DATABASE_URL ?? null,
    databasePoolMax: env.DATABASE_POOL_MAX,
    canPrepareStatements: env.DATABASE_PREPARE,
  };
}

function parseSettings<T>(schema: z.ZodType<T>, environment: EnvironmentVariables): T {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''}: ${message}`);
  throw new StartError(`Settings that make no sense: ${[...new Set(wrong)].join('; ')}.`);
}
