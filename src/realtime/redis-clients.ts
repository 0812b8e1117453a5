import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

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
 */
export function connectRedis(urls: readonly string[]): RedisClients {
  return { pub: connect(urls, publisherOptions), sub: connect(urls, subscriberOptions) };
}

function connect(urls: readonly string[], roleOptions: RedisOptions): Redis | Cluster {
  const [first, ...others] = urls;
  const options: RedisOptions = { ...roleOptions, keepAlive: 5000, connectTimeout: 5000, retryStrategy: retryMs };
  if (first === undefined) throw new Error('REDIS_URL must contain at least one URL.');
  if (others.length === 0) return new Redis(first, options);
  const clusterOptions: ClusterOptions = {
    shardedSubscribers: true,
    clusterRetryStrategy: retryMs,
    enableOfflineQueue: roleOptions.enableOfflineQueue ?? true,
    redisOptions: { ...options, ...credentialsOf(first) },
  };
  return new Cluster(urls.map(addressOf), clusterOptions);
}

const addressOf = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
};

/**
 * Returns the credentials and TLS setting of a URL. The cluster client also needs them for the nodes that it discovers
 * on its own.
 */
function credentialsOf(url: string): RedisOptions {
  const { protocol, username, password } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
