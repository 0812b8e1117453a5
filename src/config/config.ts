import { resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../common/start-error.js';

/** A whole number in plain digits: not `1e3`, not ` 7`. */
const whole = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
};

const seconds = (fallback: number, min = 1) => whole(min, 86_400).default(fallback);

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Every setting of Usher, by its environment variable. The docstrings are the README's table. */
const Environment = z.object({
  /** Where to listen; 0 takes a free port and the start line says which. */
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).optional(),
  /** Embedded PostgreSQL's files and generated secrets. */
  DATA_DIR: z.string().min(1).default('.usher'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /** One URL, or several separated by commas for Redis Cluster. */
  REDIS_URL: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL, or several separated by commas' })))
    .optional(),
  DEMO: flag.optional(),
  /** How long a hold lasts. */
  HOLD_SECONDS: seconds(300),
  /** Added once to a hold when paying starts. */
  PAYMENT_GRACE_SECONDS: seconds(120, 0),
  /** Longest wait in line. */
  QUEUE_MAX_WAIT_SECONDS: seconds(3600),
  /** Seats in one reservation; also how many of a show one session may hold at once unless the show says otherwise. */
  MAX_SEATS: whole(1, 10).default(10),
  /** Shortest time between two `seats:changed` of a show. */
  TICK_MS: whole(1, 5000).default(50),
  /** Signs session tokens. */
  SESSION_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'must be 32 bytes or more; `openssl rand -hex 32` makes one')
    .optional(),
  /** A key with every role. */
  ADMIN_API_KEY: z.string().min(16, 'must be 16 characters or more').optional(),
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
  SANDBOX_DELAY_SECONDS: seconds(20, 0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The settings as the code uses them: typed, defaults filled in, frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Null: embedded PostgreSQL in {@link dataDir}. */
  readonly databaseUrl: string | null;
  /** Null: one node. Several: Redis Cluster. */
  readonly redisUrls: readonly string[] | null;
  readonly demo: boolean;
  readonly holdMs: number;
  readonly paymentGraceMs: number;
  readonly queueWaitMsMax: number;
  readonly seatsMax: number;
  readonly tickMs: number;
  /** Null only when embedded: then it is generated and kept in {@link dataDir}. */
  readonly sessionSecret: string | null;
  readonly adminApiKey: string | null;
  readonly paymentProvider: 'sandbox' | 'stripe';
  readonly sandboxDelayMs: number;
  readonly logLevel: string;
}

/** Nest's token for the {@link Config}. */
export const CONFIG = Symbol('Config');

/**
 * Reads the settings. An empty variable counts as one that is not set.
 *
 * @throws StartError in one line that names each bad variable and what it should be
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''}: ${message}`);
    throw new StartError(`Settings that make no sense: ${[...new Set(wrong)].join('; ')}.`);
  }
  const env = parsed.data;
  const embedded = env.DATABASE_URL === undefined;
  if (!embedded && env.SESSION_SECRET === undefined) {
    throw new StartError('SESSION_SECRET is needed with DATABASE_URL: 32 bytes or more, the same on every node.');
  }
  return Object.freeze({
    port: env.PORT,
    host: env.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0'),
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL ?? null,
    redisUrls: env.REDIS_URL ?? null,
    demo: env.DEMO ?? embedded,
    holdMs: env.HOLD_SECONDS * 1000,
    paymentGraceMs: env.PAYMENT_GRACE_SECONDS * 1000,
    queueWaitMsMax: env.QUEUE_MAX_WAIT_SECONDS * 1000,
    seatsMax: env.MAX_SEATS,
    tickMs: env.TICK_MS,
    sessionSecret: env.SESSION_SECRET ?? null,
    adminApiKey: env.ADMIN_API_KEY ?? null,
    paymentProvider: env.PAYMENT_PROVIDER,
    sandboxDelayMs: env.SANDBOX_DELAY_SECONDS * 1000,
    logLevel: env.LOG_LEVEL,
  });
}
