import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../common/start-error.js';

/** Returns a schema for a whole number in plain digits. It refuses other forms, such as `1e3` or ` 7`. */
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

/**
 * The scheme, host and port of a site, e.g. `https://tickets.example`. A path, query, fragment or user is not allowed.
 */
const Origin = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL', abort: true })
  .refine((url) => {
    const { pathname, search, hash, username, password } = new URL(url);
    return pathname === '/' && `${search}${hash}${username}${password}` === '';
  }, 'must be an origin without a path, such as https://tickets.example')
  .transform((url) => new URL(url).origin);

/**
 * All settings of Usher, one per environment variable. The table of settings in the documentation has the same facts.
 */
const Environment = z.object({
  /** The port to listen on. With 0, the service chooses a free port and prints it at the start. */
  PORT: wholeNumberSchema(0, 65_535).default(3000),
  /** The address to listen on. The default is 127.0.0.1 with the embedded database, otherwise 0.0.0.0. */
  HOST: z.string().min(1).optional(),
  /** The folder for the files of the embedded PostgreSQL and for generated secrets. */
  DATA_DIR: z.string().min(1).default('.usher'),
  /** The PostgreSQL to use, version 15 or newer. Without it, the service starts the embedded PostgreSQL. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /**
   * Maximum number of database connections of this node. The minimum is two, because a migration holds its lock on one
   * connection and runs on another.
   */
  DATABASE_POOL_MAX: wholeNumberSchema(2, 1000).default(10),
  /** If true, the service uses named prepared statements. Some poolers in transaction mode do not support them. */
  DATABASE_PREPARE: BooleanText.default(true),
  /** One URL, or several URLs of a Redis Cluster, separated by commas. */
  REDIS_URL: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL, or several separated by commas' })))
    .optional(),
  /**
   * If true, the service loads the demo catalog into an empty database. The default is true only with the embedded one.
   */
  DEMO: BooleanText.optional(),
  /** Duration of a hold. */
  HOLD_SECONDS: secondsSchema(300),
  /** Extra time that a hold gets once, when the first payment starts. */
  PAYMENT_GRACE_SECONDS: secondsSchema(120, 0),
  /** Maximum wait in a line. */
  QUEUE_MAX_WAIT_SECONDS: secondsSchema(3600),
  /**
   * Maximum number of seats in one reservation. Unless the show has its own limit, also the maximum per session and
   * show.
   */
  MAX_SEATS: wholeNumberSchema(1, 10).default(10),
  /** Minimum time between two `seats:changed` of a show. */
  TICK_MS: wholeNumberSchema(1, 5000).default(50),
  /** Number of proxies in front of the service. Their `X-Forwarded-For` contains the client's address. */
  PROXIES: wholeNumberSchema(0, 10).default(0),
  /** Maximum number of open sockets per address and node. */
  SOCKETS_PER_ADDRESS_MAX: wholeNumberSchema(1, 10_000_000).default(20_000),
  /**
   * Maximum number of REST calls per second of one session or API key, and of all callers of one address that have
   * neither. After a second without calls, a caller may send twice as many at once.
   */
  CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 1_000_000).default(1000),
  /**
   * Maximum number of requests and socket handshakes per second of one address. After a quiet second, twice as many may
   * come at once. The default is five times `CALLS_PER_SECOND_MAX`.
   */
  ADDRESS_CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 10_000_000).optional(),
  /** Maximum number of wrong API keys per minute from one address. */
  KEY_GUESSES_PER_MINUTE_MAX: wholeNumberSchema(1, 100_000).default(10),
  /**
   * Maximum time that a request may wait for the event loop. If waits are longer, the node answers new work with
   * `BUSY`.
   */
  LOOP_WAIT_MS_MAX: wholeNumberSchema(1, 60_000).default(500),
  /** The secret that signs session tokens. All nodes need the same one. */
  SESSION_SECRET: z
    .string()
    .refine(
      (value) => Buffer.byteLength(value) >= 32,
      'must be 32 bytes or more, for example the output of `openssl rand -hex 32`',
    )
    .optional(),
  /** An API key with every role. */
  ADMIN_API_KEY: z.string().min(16, 'must be 16 characters or more').optional(),
  /** The payment provider. The sandbox books seats without taking money. */
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  /** Time after which the sandbox reports a payment with its slow test card. */
  SANDBOX_DELAY_SECONDS: secondsSchema(20, 0),
  /**
   * The origin at which buyers reach this service. The service uses it in links. By default, it uses the host of each
   * request. A path is not allowed, because the service serves its pages, its API and its socket from the root of a
   * host.
   */
  PUBLIC_URL: Origin.optional(),
  /** Origins of other sites to which the pay page may send buyers back, separated by commas. */
  RETURN_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .pipe(z.array(Origin))
    .default([]),
  /** Stripe's secret key, and the secret with which Stripe signs its webhooks. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_/, 'must be a secret key (sk_…) or a restricted key (rk_…)')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_/, 'must be the signing secret of the endpoint (whsec_…)')
    .optional(),
  /** The address of Stripe's API. Only tests change it. */
  STRIPE_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .default('https://api.stripe.com'),
  /** The operator's contact for push services, as a `mailto:` or `https:` URL. Operators should set their own. */
  PUSH_CONTACT: z
    .url({ protocol: /^(https|mailto)$/, error: 'must be a mailto: or https:// URL' })
    .default('mailto:operator@example.com'),
  /**
   * If true, the service also sends push messages to private hosts. Only for tests, because clients choose the hosts.
   */
  PUSH_PRIVATE_HOSTS: BooleanText.default(false),
  /**
   * The mail server, as `smtp://user:password@host:port` or `smtps://…`. Without it, the service only stores mails, and
   * administrators can read them.
   */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
  /** The sender of mails: an address, or a name followed by an address in angle brackets. */
  MAIL_FROM: z
    .string()
    .min(3)
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an address, or Name <address>')
    .default('Usher <tickets@localhost>'),
  /** PEM files for signing Apple Wallet passes: certificate and key of a Pass Type ID, and Apple's own certificate. */
  APPLE_PASS_CERTIFICATE: z.string().optional(),
  APPLE_PASS_KEY: z.string().optional(),
  APPLE_WWDR_CERTIFICATE: z.string().optional(),
  /** The passphrase of the key, if it has one. */
  APPLE_PASS_PASSPHRASE: z.string().optional(),
  /** The issuer of Google Wallet passes, and the key file (JSON) of the service account that signs them. */
  GOOGLE_WALLET_ISSUER: z
    .string()
    .regex(/^[0-9]{1,30}$/, 'must be the number of an issuer')
    .optional(),
  GOOGLE_WALLET_KEY: z.string().optional(),
  /** If true, the service also sends webhooks to private hosts and over http. Partners choose the hosts. */
  WEBHOOK_PRIVATE_HOSTS: BooleanText.default(false),
  /** The lowest level of the log lines that the service writes. With `debug` and `trace`, it logs every request. */
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The settings of the database. */
export interface DatabaseConfig {
  /** Null if the service starts the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly databasePoolMax: number;
  readonly canPrepareStatements: boolean;
}

/** All settings in the form that the code uses. They are typed, have their defaults, and are frozen. */
export interface Config extends DatabaseConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Null if there is only one node. Several URLs belong to a Redis Cluster. */
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
  /** Null only with the embedded database. The service then generates the secret and stores it in {@link dataDir}. */
  readonly sessionSecret: string | null;
  readonly adminApiKey: string | null;
  readonly paymentProvider: 'sandbox' | 'stripe';
  readonly sandboxDelayMs: number;
  /** The origin without a slash at its end. If null, links use the host of each request. */
  readonly publicUrl: string | null;
  /** Origins to which the pay page may send buyers back, besides this service. */
  readonly returnOrigins: readonly string[];
  /** Null unless {@link paymentProvider} is `stripe`. */
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiUrl: string } | null;
  /** A `mailto:` or `https:` URL. */
  readonly pushContact: string;
  readonly canPushToPrivateHosts: boolean;
  /** If null, the service sends no mails. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Paths of the files for signing Apple Wallet passes. If null, the service offers no such passes. */
  readonly appleWallet: {
    readonly certificate: string;
    readonly key: string;
    readonly passphrase: string | null;
    readonly wwdrCertificate: string;
  } | null;
  /** If null, the service offers no Google Wallet passes. */
  readonly googleWallet: { readonly issuerId: string; readonly keyFile: string } | null;
  readonly canCallPrivateWebhooks: boolean;
  readonly logLevel: string;
}

/** The injection token of the {@link Config}. */
export const CONFIG = Symbol('Config');

type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** @throws StartError if PAYMENT_PROVIDER is stripe and a key of Stripe is missing */
function readStripe(env: z.output<typeof Environment>): Config['stripe'] {
  if (env.PAYMENT_PROVIDER !== 'stripe') return null;
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_URL: apiUrl } = env;
  if (secretKey !== undefined && webhookSecret !== undefined) return { secretKey, webhookSecret, apiUrl };
  throw new StartError('PAYMENT_PROVIDER=stripe needs STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.');
}

/** @throws StartError if only some of the three files are set */
function readAppleWallet(env: z.output<typeof Environment>): Config['appleWallet'] {
  const { APPLE_PASS_CERTIFICATE: certificate, APPLE_PASS_KEY: key, APPLE_WWDR_CERTIFICATE: wwdrCertificate } = env;
  if (certificate === undefined && key === undefined && wwdrCertificate === undefined) return null;
  if (certificate !== undefined && key !== undefined && wwdrCertificate !== undefined) {
    return { certificate, key, passphrase: env.APPLE_PASS_PASSPHRASE ?? null, wwdrCertificate };
  }
  throw new StartError('APPLE_PASS_CERTIFICATE, APPLE_PASS_KEY and APPLE_WWDR_CERTIFICATE must be set together.');
}

/** @throws StartError if only one of the two variables is set */
function readGoogleWallet(env: z.output<typeof Environment>): Config['googleWallet'] {
  const { GOOGLE_WALLET_ISSUER: issuerId, GOOGLE_WALLET_KEY: keyFile } = env;
  if (issuerId === undefined && keyFile === undefined) return null;
  if (issuerId !== undefined && keyFile !== undefined) return { issuerId, keyFile };
  throw new StartError('GOOGLE_WALLET_ISSUER and GOOGLE_WALLET_KEY must be set together.');
}

/** Settings that a service with DATABASE_URL must have, each with the reason and an example. */
const requiredToServe: Readonly<Record<string, string>> = {
  SESSION_SECRET:
    'because every node must sign sessions with the same secret of 32 bytes or more, for example ' +
    'SESSION_SECRET=$(openssl rand -hex 32)',
  PAYMENT_PROVIDER:
    'because the sandbox books seats without taking money; set PAYMENT_PROVIDER=stripe, or ' +
    'PAYMENT_PROVIDER=sandbox for a trial',
  PUBLIC_URL:
    'because mails, pay pages and wallets link to it, and a caller can forge the Host header, for example ' +
    'PUBLIC_URL=https://tickets.example.com',
};

/**
 * Reads the settings of a service for buyers. With DATABASE_URL, the settings on which buyers depend have no default.
 *
 * @throws StartError as {@link readConfig} does, or if such a setting is missing. The message is one line that names
 *   each missing setting, the reason and an example.
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
 * Reads the settings. An empty variable counts as unset. The commands (import, generate) use this function. The service
 * uses {@link readServiceConfig}.
 *
 * @throws StartError if a variable is invalid. The message is one line that names each invalid variable and its valid
 *   values.
 */
export function readConfig(environment: EnvironmentVariables): Config {
  const env = parseSettings(Environment, environment);
  const isEmbedded = env.DATABASE_URL === undefined;
  return Object.freeze({
    port: env.PORT,
    host: env.HOST ?? (isEmbedded ? '127.0.0.1' : '0.0.0.0'),
    dataDir: resolve(env.DATA_DIR),
    ...toDatabaseConfig(env),
    redisUrls: env.REDIS_URL ?? null,
    shouldLoadDemo: env.DEMO ?? isEmbedded,
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

/**
 * Reads only the settings of the database, for commands that need nothing else.
 *
 * @throws StartError as readConfig does
 */
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
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''}: ${message}`);
  throw new StartError(`Some settings are invalid: ${[...new Set(problems)].join('; ')}.`);
}
