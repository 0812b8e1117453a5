import { ChallengePolicy } from '@usher/contract';
import { z } from 'zod';

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

const daysSchema = (fallback: number) => wholeNumberSchema(1, 36_500).default(fallback);

/** A risk score. A score of 101 is never reached. */
const scoreSchema = (fallback: number) => wholeNumberSchema(1, 101).default(fallback);

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

/** Hosts of this machine. Nobody can listen to a connection to them, so it needs no TLS. */
const loopbackHost = /^(localhost|127\.[0-9.]+|\[::1\])$/;

/** The issuer of an identity provider, e.g. `https://id.example/realms/cinema`. */
const Issuer = z
  .url({ protocol: /^https?$/, error: 'must be an https:// URL', abort: true })
  .max(200)
  .refine((url) => {
    const { protocol, hostname } = new URL(url);
    return protocol === 'https:' || loopbackHost.test(hostname);
  }, 'must be an https:// URL');

/** Splits a comma-separated list, such as `a, b`. */
const splitList = (list: string): string[] => list.split(',').map((part) => part.trim());

/** An origin whose pages may show the service's pages in a frame. Its host may begin with `*.`. */
const FrameAncestor = z
  .string()
  .regex(
    /^(\*|https?:\/\/(\*\.)?[a-z0-9.-]+(:[0-9]{1,5})?)$/i,
    'must be origins such as https://cinema.example or https://*.cinema.example, separated by commas',
  );
/** Minimum length of a secret in {@link SecretList}, in bytes of UTF-8. */
const secretBytesMin = 32;

/**
 * One or more secrets, separated by commas. The first secret signs or encrypts. All of them verify or decrypt, so that a
 * secret can be replaced while values of the old secret are in use. An error names a secret by its number, because it
 * must not contain the secret itself.
 */
const SecretList = z.string().transform(readSecrets);

function readSecrets(text: string, context: z.RefinementCtx): SecretsInOrder {
  const [first = '', ...others] = text.split(',');
  const refuse = (number: number, problem: string) =>
    context.addIssue(others.length === 0 ? problem : `secret ${number} of ${others.length + 1} ${problem}`);
  for (const [index, secret] of [first, ...others].entries()) {
    if (Buffer.byteLength(secret) < secretBytesMin) {
      refuse(index + 1, `must be ${secretBytesMin} bytes or more, for example the output of \`openssl rand -hex 32\``);
    }
    // White space is part of a secret. After a comma, it is a mistake that would silently create a different secret.
    if (index > 0 && /^\s/.test(secret)) refuse(index + 1, 'must not begin with white space');
  }
  return [first, ...others];
}

/** The first entry of an `ENCRYPTION_KEY` that stores secrets in plain text. */
const plainEntry = 'plain,';

const EncryptionKeys = z.string().transform((text, context) => {
  const isPlain = text.startsWith(plainEntry);
  return { isPlain, keys: readSecrets(isPlain ? text.slice(plainEntry.length) : text, context) };
});

/** Secrets of one setting. The first one signs or encrypts, and all of them verify or decrypt. */
export type SecretsInOrder = readonly [string, ...string[]];

/**
 * All settings of Usher, one per environment variable. The table of settings in the documentation must state the same
 * facts.
 */
export const Environment = z.object({
  /** The port to listen on. With 0, the service chooses a free port and prints it at the start. */
  PORT: wholeNumberSchema(0, 65_535).default(3000),
  /** The address to listen on. The default is 127.0.0.1 with the embedded database, otherwise 0.0.0.0. */
  HOST: z.string().min(1).optional(),
  /**
   * The port for probes and metrics. If it is set, the node serves `/health` and `/metrics` only on this port, and the
   * main port answers 404 for them.
   */
  OPERATIONS_PORT: wholeNumberSchema(0, 65_535).optional(),
  /** The folder for the files of the embedded PostgreSQL and for generated secrets. */
  DATA_DIR: z.string().min(1).default('.usher'),
  /**
   * The URL of the PostgreSQL database, version 15 or newer. Without it, the service starts the embedded PostgreSQL.
   */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /**
   * Maximum number of database connections of this node. The minimum is two, because a migration holds its lock on one
   * connection and runs on another.
   */
  DATABASE_POOL_MAX: wholeNumberSchema(2, 1000).default(10),
  /** If true, the service uses named prepared statements. Some poolers in transaction mode do not support them. */
  DATABASE_PREPARE: BooleanText.default(true),
  /**
   * The PEM file of the CA that signed the certificate of PostgreSQL. With it, every connection uses TLS and checks the
   * certificate and the host name. Without it, `sslmode` in `DATABASE_URL` decides.
   */
  DATABASE_CA_FILE: z.string().optional(),
  /** PEM files of the client certificate and its key, for a PostgreSQL that demands one. */
  DATABASE_CERT_FILE: z.string().optional(),
  DATABASE_KEY_FILE: z.string().optional(),
  /** The URL of a Redis server, or several URLs of one Redis Cluster, separated by commas. */
  REDIS_URL: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL, or several separated by commas' })))
    .optional(),
  /**
   * The PEM file of the CA that signed the certificates of Redis. With it, every URL must begin with `rediss://`.
   * Without it, `rediss://` trusts the public CAs.
   */
  REDIS_CA_FILE: z.string().optional(),
  /** PEM files of the client certificate and its key, for a Redis that demands one. */
  REDIS_CERT_FILE: z.string().optional(),
  REDIS_KEY_FILE: z.string().optional(),
  /**
   * If true, the service loads the demo catalog into an empty database. The default is true only with the embedded
   * database.
   */
  DEMO: BooleanText.optional(),
  /** Duration of a hold. */
  HOLD_SECONDS: secondsSchema(300),
  /** Extra time that a hold gets once, when the payment provider opens a payment for it. */
  PAYMENT_GRACE_SECONDS: secondsSchema(120, 0),
  /** Maximum wait in a line. */
  QUEUE_MAX_WAIT_SECONDS: secondsSchema(3600),
  /**
   * Maximum number of seats in one reservation. It is also the maximum per session and show, unless the show has its
   * own limit.
   */
  MAX_SEATS: wholeNumberSchema(1, 10).default(10),
  /** Minimum time between two `seats:changed` events of a show. */
  TICK_MS: wholeNumberSchema(1, 5000).default(50),
  /** Number of proxies in front of the service. Their `X-Forwarded-For` contains the client's address. */
  PROXIES: wholeNumberSchema(0, 10).default(0),
  /**
   * Number of open sockets per address and node beyond which a session must pass the challenge to open a show. Without an
   * open show, such a socket ends after 15 s.
   */
  SOCKETS_PER_ADDRESS_FREE: wholeNumberSchema(0, 10_000_000).default(1000),
  /** Maximum number of open sockets per address and node. */
  SOCKETS_PER_ADDRESS_MAX: wholeNumberSchema(1, 10_000_000).default(20_000),
  /**
   * Maximum number of open connections per address and node that are not WebSockets. Applies only if `PROXIES` is 0,
   * because all connections from a proxy have one address.
   */
  CONNECTIONS_PER_ADDRESS_MAX: wholeNumberSchema(1, 10_000_000).default(20_000),
  /**
   * Maximum number of REST calls per second for one session, for one API key, and for all callers at one address that
   * have neither. After a second without calls, a caller may send twice as many at once.
   */
  CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 1_000_000).default(1000),
  /**
   * Maximum number of requests and socket handshakes per second from one address. After a second without any, twice as
   * many may arrive at once. The default is five times `CALLS_PER_SECOND_MAX`.
   */
  ADDRESS_CALLS_PER_SECOND_MAX: wholeNumberSchema(1, 10_000_000).optional(),
  /**
   * Maximum number of socket packets (events, heartbeats, WebSocket pings) per second from all connections of one
   * address. Above it, connections that send little may together send as many again.
   */
  ADDRESS_PACKETS_PER_SECOND_MAX: wholeNumberSchema(1, 10_000_000).default(20_000),
  /** Maximum number of wrong API keys per minute from one address. */
  KEY_GUESSES_PER_MINUTE_MAX: wholeNumberSchema(1, 100_000).default(10),
  /** When a session must pass the challenge of a show that has no policy of its own. */
  CHALLENGE_POLICY: ChallengePolicy.default('risk'),
  /** What poses and checks challenges. `altcha` is a proof of work without a third party. */
  CHALLENGE_PROVIDER: z.enum(['altcha', 'turnstile']).default('altcha'),
  /** Maximum number of keys that a client derives for one proof of work. On average, it derives half of them. */
  CHALLENGE_WORK: wholeNumberSchema(1, 1_000_000).default(2000),
  /** Maximum number of challenges per second that one node poses to the sessions of one address. */
  CHALLENGES_PER_SECOND_MAX: wholeNumberSchema(1, 1_000_000).default(100),
  /**
   * From this number of calls for seats and places per second, a show counts as hot. Each node counts its own calls and
   * averages them over ten seconds. Applies to the policy `hot`.
   */
  HOT_SHOW_CALLS_PER_SECOND: wholeNumberSchema(1, 1_000_000).default(20),
  /** The keys of a Turnstile widget. Needed if `CHALLENGE_PROVIDER` is `turnstile`. */
  TURNSTILE_SITE_KEY: z.string().optional(),
  TURNSTILE_SECRET_KEY: z.string().optional(),
  /** Where the service checks the tokens of Turnstile. */
  TURNSTILE_URL: z.url({ protocol: /^https?$/ }).default('https://challenges.cloudflare.com/turnstile/v0/siteverify'),
  /** Unpaid seats of one show that the buyers of an address may hold: without the challenge, and at most. 0: no limit. */
  ADDRESS_SEATS_FREE: wholeNumberSchema(0, 10_000_000).default(30),
  ADDRESS_SEATS_MAX: wholeNumberSchema(0, 10_000_000).default(60),
  /** Places in the lines of one show, and stays in it, that the buyers of an address may have. 0 as above. */
  ADDRESS_PLACES_FREE: wholeNumberSchema(0, 10_000_000).default(30),
  ADDRESS_PLACES_MAX: wholeNumberSchema(0, 10_000_000).default(200),
  /** A maximum of an address is at least this share of the seats of the hall. */
  ADDRESS_SHARE_PERCENT: wholeNumberSchema(0, 100).default(10),
  /** The same maximums for the callers of one API key that sells. They are never asked to pass the challenge. */
  KEY_SEATS_MAX: wholeNumberSchema(0, 10_000_000).default(1000),
  KEY_PLACES_MAX: wholeNumberSchema(0, 10_000_000).default(1000),
  KEY_SHARE_PERCENT: wholeNumberSchema(0, 100).default(50),
  /**
   * Maximum time that a request may wait for the event loop. If waits are longer, the node answers new work with
   * `BUSY`.
   */
  LOOP_WAIT_MS_MAX: wholeNumberSchema(1, 60_000).default(500),
  /**
   * If false, the budgets, challenges, risk scores and cool-downs of the settings are off. Only for load tests. A show's own
   * protection stays.
   */
  BOT_PROTECTION: BooleanText.default(true),
  /** The risk score, up to 100, from which on a call needs a passed challenge. 101 turns this off. */
  RISK_CHALLENGE_SCORE: scoreSchema(30),
  /** The risk score from which on a call is also delayed by one to three seconds. 101 turns this off. */
  RISK_SLOW_SCORE: scoreSchema(65),
  /** The risk score from which on a call is refused. 101 turns this off. */
  RISK_REFUSE_SCORE: scoreSchema(90),
  /**
   * The first wait of a session whose holds ended unpaid too often. Each further hold doubles it, up to twenty times its
   * length. 0 turns these waits off.
   */
  COOL_DOWN_SECONDS: secondsSchema(30, 0),
  /** Number of holds in a show that a session may give back or let expire within ten minutes without a wait. */
  COOL_DOWN_FREE_CHANGES: wholeNumberSchema(0, 1000).default(5),
  /**
   * Time for which a session may not hold the same seats again after its hold ended unpaid, while other sessions view the
   * show. 0 turns this off.
   */
  COOL_DOWN_SAME_SEATS_SECONDS: secondsSchema(60, 0),
  /**
   * The secrets that sign session tokens and the links in mails, and that encrypt stored answers. Separated by commas,
   * and the same on every node. The first secret signs and encrypts, and all secrets verify and decrypt.
   */
  SESSION_SECRET: SecretList.optional(),
  /**
   * The keys that encrypt private keys and other secrets in the database. Separated by commas, and the same on every
   * node. The first key encrypts, and all keys decrypt. If the first entry is the word `plain`, secrets are stored in
   * plain text. This is only for the time in which nodes of a release without encryption use the same database.
   */
  ENCRYPTION_KEY: EncryptionKeys.optional(),
  /**
   * The issuer of the identity provider at which operators sign in (OpenID Connect). Without it, there are only API keys.
   * An `http://` URL is allowed only for an identity provider on the same machine.
   */
  OIDC_ISSUER: Issuer.optional(),
  /** The id of this service at the identity provider. */
  OIDC_CLIENT_ID: z.string().max(200).optional(),
  /** The secret of this service at the identity provider. Without it, the service is a public client. */
  OIDC_CLIENT_SECRET: z.string().max(1000).optional(),
  /** The scopes that the service asks for, separated by spaces. With `openid` alone, it learns no name and no address. */
  OIDC_SCOPES: z
    .string()
    .max(1000)
    .regex(/^(.* )?openid( .*)?$/, 'must contain openid')
    .default('openid profile email'),
  /** The claim with the roles of a person, or a path to it such as `realm_access.roles`. */
  OIDC_ROLES_CLAIM: z.string().max(200).default('usher_roles'),
  /** The claim with the ids of the person's cinemas, or `*` for the whole service. Without it, a person has no cinema. */
  OIDC_CINEMAS_CLAIM: z.string().max(200).default('usher_cinemas'),
  /** Time after which an operator must sign in again. A role that was removed at the identity provider lives as long. */
  OPERATOR_SESSION_MINUTES: wholeNumberSchema(1, 10_080).default(480),
  /** Time without any call after which a sign-in of an operator ends. */
  OPERATOR_IDLE_MINUTES: wholeNumberSchema(2, 10_080).default(60),
  /** An API key with every role. */
  ADMIN_API_KEY: z.string().min(16, 'must be 16 characters or more').optional(),
  /** The payment provider. The sandbox books seats without taking money. */
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  /** Time after which the sandbox reports the result of a payment with its slow test card. */
  SANDBOX_DELAY_SECONDS: secondsSchema(20, 0),
  /**
   * The origin at which buyers reach this service. The service uses it in links. Without it, the service serves only
   * callers that reach it at its own address. A path is not allowed, because the service serves its pages, its API and
   * its socket from the root of a host.
   */
  PUBLIC_URL: Origin.optional(),
  /** Origins of other sites to which the pay page may send buyers back, separated by commas. */
  RETURN_ORIGINS: z.string().transform(splitList).pipe(z.array(Origin)).default([]),
  /**
   * Origins of other sites whose pages may call the service and open sockets, separated by commas. `*` allows every
   * origin. Administration is never allowed.
   */
  CORS_ORIGINS: z
    .string()
    .default('*')
    .transform((list) => (list.trim() === '*' ? null : splitList(list)))
    .pipe(z.array(Origin).nullable()),
  /**
   * Origins of other sites that may show the service's pages in a frame, separated by commas. `*` allows every site.
   */
  FRAME_ANCESTORS: z.string().transform(splitList).pipe(z.array(FrameAncestor)).default([]),
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
   * If true, the service also sends push messages to private hosts. Set it only in tests, because clients choose the
   * hosts.
   */
  PUSH_PRIVATE_HOSTS: BooleanText.default(false),
  /**
   * The mail server, as `smtp://user:password@host:port` or `smtps://…`. Without it, the service stores mails but does
   * not send them. Administrators can read the stored mails.
   */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
  /** The sender of mails: an address, or a name followed by an address in angle brackets. */
  MAIL_FROM: z
    .string()
    .min(3)
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an address, or Name <address>')
    .default('Usher <tickets@localhost>'),
  /** Number of days after a show for which its bookings, waits and log name the sessions of the buyers. */
  BOOKING_RETENTION_DAYS: daysSchema(365),
  /** Number of days after a show for which the mail addresses of its buyers are kept and the links in mails are valid. */
  CONTACT_RETENTION_DAYS: daysSchema(30),
  /** Number of days after a show for which the list of its mails is kept. */
  MAIL_RETENTION_DAYS: daysSchema(30),
  /** Number of days after which a push subscription is deleted. */
  PUSH_RETENTION_DAYS: daysSchema(30),
  /** Number of days after which the audit trail erases the network addresses of callers. */
  AUDIT_ADDRESS_DAYS: daysSchema(90),
  /** Maximum number of times that one mail address is set for bookings in an hour and in a day. */
  MAILS_PER_ADDRESS_HOUR_MAX: wholeNumberSchema(1, 1_000_000).default(10),
  MAILS_PER_ADDRESS_DAY_MAX: wholeNumberSchema(1, 1_000_000).default(30),
  /** Maximum number of times that one session, or one holder of a mailed link, sets a mail address in an hour and in a day. */
  MAILS_PER_CALLER_HOUR_MAX: wholeNumberSchema(1, 1_000_000).default(20),
  MAILS_PER_CALLER_DAY_MAX: wholeNumberSchema(1, 1_000_000).default(60),
  /** The same for all buyers of one network address. */
  MAILS_PER_NETWORK_HOUR_MAX: wholeNumberSchema(1, 1_000_000).default(2000),
  MAILS_PER_NETWORK_DAY_MAX: wholeNumberSchema(1, 1_000_000).default(10_000),
  /** PEM files for signing Apple Wallet passes: certificate and key of a Pass Type ID, and Apple's own certificate. */
  APPLE_PASS_CERTIFICATE: z.string().optional(),
  APPLE_PASS_KEY: z.string().optional(),
  APPLE_WWDR_CERTIFICATE: z.string().optional(),
  /** The passphrase of `APPLE_PASS_KEY`, if that key has one. */
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

/** The parsed settings under the names of their environment variables. */
export type EnvironmentSettings = z.output<typeof Environment>;
