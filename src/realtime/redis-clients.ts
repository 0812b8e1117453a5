import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { TlsFiles } from '../config/tls-files.js';
import { addressOf, usesTls } from './redis-tls.js';

/** Longest pause before the client tries again to connect to Redis. */
const retryMsMax = 1000;

const retryMs = (attempt: number): number => Math.min(attempt * 100, retryMsMax);

/**
 * The publisher drops a message that cannot be sent now. A late message has no use, because nodes read the log anyway.
 */
const publisherOptions: RedisOptions = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };

/**
 * The subscriber retries without limit. With a limit, queued commands would be rejected while Redis is down, and that
 * would end the process.
 */
const subscriberOptions: RedisOptions = { maxRetriesPerRequest: null };

/** Two connections to one Redis or Redis Cluster: `pub` publishes, and `sub` only subscribes. */
export interface RedisClients {
  readonly pub: Redis | Cluster;
  readonly sub: Redis | Cluster;
}

/**
 * Connects in the background, so that a node can start and serve even while Redis is down.
 *
 * @param urls one URL for a single Redis, or several URLs for a Redis Cluster
 * @param tls the CA and the client certificate for `rediss://`; null to trust the public CAs
 */
export function connectRedis(urls: readonly string[], tls: TlsFiles | null): RedisClients {
  return { pub: connect(urls, tls, publisherOptions), sub: connect(urls, tls, subscriberOptions) };
}

function connect(urls: readonly string[], tls: TlsFiles | null, roleOptions: RedisOptions): Redis | Cluster {
  const [first, ...others] = urls;
  if (first === undefined) throw new Error('REDIS_URL must contain at least one URL.');
  const common: RedisOptions = { ...roleOptions, keepAlive: 5000, connectTimeout: 5000, retryStrategy: retryMs };
  const options: RedisOptions = usesTls(first) ? { ...common, tls: { ...tls } } : common;
  if (others.length === 0) return new Redis(first, options);
  const clusterOptions: ClusterOptions = {
    shardedSubscribers: true,
    clusterRetryStrategy: retryMs,
    enableOfflineQueue: roleOptions.enableOfflineQueue ?? true,
    // Otherwise the client would connect to the addresses of the hosts, but certificates usually contain only host names.
    ...(usesTls(first) ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
    redisOptions: { ...options, ...credentialsOf(first) },
  };
  return new Cluster(urls.map(addressOf), clusterOptions);
}

/** Returns the credentials of a URL. The cluster client also needs them for the nodes that it discovers on its own. */
function credentialsOf(url: string): RedisOptions {
  const { username, password } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
