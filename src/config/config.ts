import { resolve } from 'node:path';
import type { z } from 'zod';
import { StartError } from '../common/start-error.js';
import { Environment, type EnvironmentSettings, type SecretsInOrder } from './environment.js';
import { type OidcConfig, readOidc } from './oidc.js';
import { type ProtectionConfig, readProtection } from './protection-config.js';
import { readTlsFiles, type TlsFiles } from './tls-files.js';
import { findWeakSecrets } from './weak-secrets.js';

/** The settings of the database. */
export interface DatabaseConfig {
  /** Null if the service starts the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly databasePoolMax: number;
  readonly canPrepareStatements: boolean;
  /** Null if {@link databaseUrl} alone decides whether connections use TLS. */
  readonly databaseTls: TlsFiles | null;
}

/** All settings in the form that the code uses. They are typed, have their defaults, and are frozen. */
export interface Config extends DatabaseConfig, ProtectionConfig {
  readonly port: number;
  readonly host: string;
  /** The port for probes and metrics. Null if the main port serves them. */
  readonly operationsPort: number | null;
  readonly dataDir: string;
  /** Null if there is only one node. If there are several URLs, they belong to one Redis Cluster. */
  readonly redisUrls: readonly string[] | null;
  /** Null if {@link redisUrls} alone decide whether connections use TLS. */
  readonly redisTls: TlsFiles | null;
  readonly shouldLoadDemo: boolean;
  readonly holdMs: number;
  readonly paymentGraceMs: number;
  readonly queueWaitMsMax: number;
  readonly seatsMax: number;
  readonly tickMs: number;
  readonly proxyCount: number;
  readonly socketsPerAddressMax: number;
  readonly connectionsPerAddressMax: number;
  readonly callsPerSecondMax: number;
  readonly addressCallsPerSecondMax: number;
  readonly addressPacketsPerSecondMax: number;
  readonly keyGuessesPerMinuteMax: number;
  readonly loopWaitMsMax: number;
  /** Null only with the embedded database. The service then generates a secret and stores it in {@link dataDir}. */
  readonly sessionSecrets: SecretsInOrder | null;
  /** Null only with the embedded database. The service then generates a key and stores it in {@link dataDir}. */
  readonly encryptionKeys: SecretsInOrder | null;
  /** False if the database must stay readable for nodes of a release that does not encrypt secrets. */
  readonly shouldEncryptSecrets: boolean;
  readonly adminApiKey: string | null;
  /** The identity provider of operators. Null if there are only API keys. */
  readonly oidc: OidcConfig | null;
  /** Time after which an operator must sign in again. */
  readonly operatorSessionMs: number;
  /** Time without any call after which a sign-in of an operator ends. */
  readonly operatorIdleMs: number;
  /** Number of days after which the audit trail erases the network addresses of callers. */
  readonly auditAddressDays: number;
  readonly paymentProvider: 'sandbox' | 'stripe';
  readonly sandboxDelayMs: number;
  /** The origin of this service, without a slash at its end. If null, links use the address of this node. */
  readonly publicUrl: string | null;
  /** Origins of other sites to which the pay page may send buyers back. */
  readonly returnOrigins: readonly string[];
  /** Origins of other sites whose pages may call the service. Null allows every origin. */
  readonly corsOrigins: readonly string[] | null;
  /** Origins of other sites that may show the pages in a frame, or only `*` for every site. */
  readonly frameAncestors: readonly string[];
  /** Null unless {@link paymentProvider} is `stripe`. */
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiUrl: string } | null;
  /** The operator's contact for push services, as a `mailto:` or `https:` URL. */
  readonly pushContact: string;
  readonly canPushToPrivateHosts: boolean;
  /** If null, the service sends no mails. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Days after a show until its sessions are replaced by pseudonyms. */
  readonly bookingRetentionDays: number;
  /** Days after a show until its buyers' addresses are deleted. Links in mails are valid for the same time. */
  readonly contactRetentionDays: number;
  /** Days after a show until its mails are deleted. */
  readonly mailRetentionDays: number;
  /** Days until a push subscription is deleted. */
  readonly pushRetentionDays: number;
  readonly mailsPerAddress: MailLimit;
  readonly mailsPerCaller: MailLimit;
  readonly mailsPerNetwork: MailLimit;
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

/** Limits on how often a mail address may be set. */
export interface MailLimit {
  readonly hourMax: number;
  readonly dayMax: number;
}

/** The injection token of the {@link Config}. */
export const CONFIG = Symbol('Config');

type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** @throws StartError if PAYMENT_PROVIDER is stripe and one of the two Stripe secrets is missing */
function readStripe(env: EnvironmentSettings): Config['stripe'] {
  if (env.PAYMENT_PROVIDER !== 'stripe') return null;
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_URL: apiUrl } = env;
  if (secretKey !== undefined && webhookSecret !== undefined) return { secretKey, webhookSecret, apiUrl };
  throw new StartError('PAYMENT_PROVIDER=stripe needs STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.');
}

/** @throws StartError if only some of the three files are set */
function readAppleWallet(env: EnvironmentSettings): Config['appleWallet'] {
  const { APPLE_PASS_CERTIFICATE: certificate, APPLE_PASS_KEY: key, APPLE_WWDR_CERTIFICATE: wwdrCertificate } = env;
  if (certificate === undefined && key === undefined && wwdrCertificate === undefined) return null;
  if (certificate !== undefined && key !== undefined && wwdrCertificate !== undefined) {
    return { certificate, key, passphrase: env.APPLE_PASS_PASSPHRASE ?? null, wwdrCertificate };
  }
  throw new StartError(
    'Only some of APPLE_PASS_CERTIFICATE, APPLE_PASS_KEY and APPLE_WWDR_CERTIFICATE are set. Set all three or none.',
  );
}

/** @throws StartError if only one of the two variables is set */
function readGoogleWallet(env: EnvironmentSettings): Config['googleWallet'] {
  const { GOOGLE_WALLET_ISSUER: issuerId, GOOGLE_WALLET_KEY: keyFile } = env;
  if (issuerId === undefined && keyFile === undefined) return null;
  if (issuerId !== undefined && keyFile !== undefined) return { issuerId, keyFile };
  throw new StartError('Only one of GOOGLE_WALLET_ISSUER and GOOGLE_WALLET_KEY is set. Set both or neither.');
}

/** Settings that a service with DATABASE_URL must have, each with the reason and an example. */
const requiredToServe: Readonly<Record<string, string>> = {
  SESSION_SECRET:
    'because every node must sign sessions with the same secret of 32 bytes or more, for example ' +
    'SESSION_SECRET=$(openssl rand -hex 32)',
  ENCRYPTION_KEY:
    'because every node must decrypt the private keys in the database with the same key of 32 bytes or more, for ' +
    'example ENCRYPTION_KEY=$(openssl rand -hex 32)',
  PAYMENT_PROVIDER:
    'because the sandbox books seats without taking money; set PAYMENT_PROVIDER=stripe, or ' +
    'PAYMENT_PROVIDER=sandbox for a trial',
  PUBLIC_URL:
    'because mails, pay pages and wallets link to it, and a caller can forge the Host header, for example ' +
    'PUBLIC_URL=https://tickets.example.com',
};

/**
 * Reads the settings of a service that serves buyers. With DATABASE_URL, the settings on which buyers depend have no
 * default and must be set.
 *
 * @throws StartError as {@link readConfig} does, or if such a setting is missing or a secret is not safe. The message is one
 *   line that names each such setting, the reason and an example.
 */
export function readServiceConfig(environment: EnvironmentVariables): Config {
  const config = readConfig(environment);
  if (config.databaseUrl === null) return config;
  const missing = Object.entries(requiredToServe).filter(([name]) => !environment[name]);
  if (missing.length === 0) {
    requireSafeSecrets(config);
    return config;
  }
  const reasons = missing.map(([name, reason]) => `${name} is needed ${reason}`);
  throw new StartError(`Settings are missing that a service with DATABASE_URL needs. ${reasons.join('. ')}.`);
}

/** @throws StartError if a secret is easy to guess, or if two settings have the same secret */
function requireSafeSecrets(config: Config): void {
  const problems = findWeakSecrets(config);
  if (problems.length === 0) return;
  const advice = 'Give each setting a value of its own, for example the output of `openssl rand -base64 32`';
  throw new StartError(`Some secrets are not safe. ${problems.join('. ')}. ${advice}.`);
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
    operationsPort: env.OPERATIONS_PORT ?? null,
    dataDir: resolve(env.DATA_DIR),
    ...toDatabaseConfig(env),
    redisUrls: env.REDIS_URL ?? null,
    redisTls: readRedisTls(env),
    shouldLoadDemo: env.DEMO ?? isEmbedded,
    holdMs: env.HOLD_SECONDS * 1000,
    paymentGraceMs: env.PAYMENT_GRACE_SECONDS * 1000,
    queueWaitMsMax: env.QUEUE_MAX_WAIT_SECONDS * 1000,
    seatsMax: env.MAX_SEATS,
    tickMs: env.TICK_MS,
    proxyCount: env.PROXIES,
    socketsPerAddressMax: env.SOCKETS_PER_ADDRESS_MAX,
    connectionsPerAddressMax: env.CONNECTIONS_PER_ADDRESS_MAX,
    callsPerSecondMax: env.CALLS_PER_SECOND_MAX,
    addressCallsPerSecondMax: env.ADDRESS_CALLS_PER_SECOND_MAX ?? 5 * env.CALLS_PER_SECOND_MAX,
    addressPacketsPerSecondMax: env.ADDRESS_PACKETS_PER_SECOND_MAX,
    keyGuessesPerMinuteMax: env.KEY_GUESSES_PER_MINUTE_MAX,
    ...readProtection(env),
    loopWaitMsMax: env.LOOP_WAIT_MS_MAX,
    sessionSecrets: env.SESSION_SECRET ?? null,
    encryptionKeys: env.ENCRYPTION_KEY?.keys ?? null,
    shouldEncryptSecrets: env.ENCRYPTION_KEY?.isPlain !== true,
    adminApiKey: env.ADMIN_API_KEY ?? null,
    oidc: readOidc(env),
    operatorSessionMs: env.OPERATOR_SESSION_MINUTES * 60_000,
    operatorIdleMs: env.OPERATOR_IDLE_MINUTES * 60_000,
    auditAddressDays: env.AUDIT_ADDRESS_DAYS,
    paymentProvider: env.PAYMENT_PROVIDER,
    sandboxDelayMs: env.SANDBOX_DELAY_SECONDS * 1000,
    publicUrl: env.PUBLIC_URL ?? null,
    returnOrigins: env.RETURN_ORIGINS,
    corsOrigins: env.CORS_ORIGINS,
    frameAncestors: env.FRAME_ANCESTORS,
    stripe: readStripe(env),
    pushContact: env.PUSH_CONTACT,
    canPushToPrivateHosts: env.PUSH_PRIVATE_HOSTS,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    bookingRetentionDays: env.BOOKING_RETENTION_DAYS,
    contactRetentionDays: env.CONTACT_RETENTION_DAYS,
    mailRetentionDays: env.MAIL_RETENTION_DAYS,
    pushRetentionDays: env.PUSH_RETENTION_DAYS,
    mailsPerAddress: { hourMax: env.MAILS_PER_ADDRESS_HOUR_MAX, dayMax: env.MAILS_PER_ADDRESS_DAY_MAX },
    mailsPerNetwork: { hourMax: env.MAILS_PER_NETWORK_HOUR_MAX, dayMax: env.MAILS_PER_NETWORK_DAY_MAX },
    mailsPerCaller: { hourMax: env.MAILS_PER_CALLER_HOUR_MAX, dayMax: env.MAILS_PER_CALLER_DAY_MAX },
    appleWallet: readAppleWallet(env),
    googleWallet: readGoogleWallet(env),
    canCallPrivateWebhooks: env.WEBHOOK_PRIVATE_HOSTS,
    logLevel: env.LOG_LEVEL,
  });
}

const DatabaseEnvironment = Environment.pick({
  DATABASE_URL: true,
  DATABASE_POOL_MAX: true,
  DATABASE_PREPARE: true,
  DATABASE_CA_FILE: true,
  DATABASE_CERT_FILE: true,
  DATABASE_KEY_FILE: true,
});

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
    databaseTls: readDatabaseTls(env),
  };
}

/** Values of `sslmode` with which the driver checks the certificate and the host name, as DATABASE_CA_FILE does. */
const checkingModes = [null, 'require', 'verify-ca', 'verify-full'];

/** @throws StartError if a file is invalid, or if DATABASE_URL contradicts the files */
function readDatabaseTls(env: z.infer<typeof DatabaseEnvironment>): TlsFiles | null {
  const files = readTlsFiles('DATABASE', env);
  if (files === null) return null;
  if (env.DATABASE_URL === undefined) {
    throw new StartError('DATABASE_CA_FILE is set without DATABASE_URL. The embedded PostgreSQL does not use TLS.');
  }
  const parameters = new URL(env.DATABASE_URL).searchParams;
  const others = [...parameters.keys()].filter((name) => /^ssl(?!mode$)|^uselibpqcompat$/.test(name));
  if (others.length > 0 || !checkingModes.includes(parameters.get('sslmode'))) {
    throw new StartError(
      'DATABASE_CA_FILE: DATABASE_URL contradicts this setting. Remove sslmode and all other TLS parameters from the URL.',
    );
  }
  return files;
}

/** @throws StartError if a file is invalid, or if a URL of Redis does not ask for TLS */
function readRedisTls(env: EnvironmentSettings): TlsFiles | null {
  const files = readTlsFiles('REDIS', env);
  if (files === null || env.REDIS_URL?.every((url) => url.startsWith('rediss://'))) return files;
  throw new StartError(
    'REDIS_CA_FILE: every URL in REDIS_URL must begin with rediss://, so that Redis is asked for TLS.',
  );
}

function parseSettings<T>(schema: z.ZodType<T>, environment: EnvironmentVariables): T {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''}: ${message}`);
  throw new StartError(`Some settings are invalid: ${[...new Set(problems)].join('; ')}.`);
}
