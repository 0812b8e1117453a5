import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

/** The longest pause before Redis is tried again. */
const retryMsMax = 1000;

const retryMs = (attempt: number): number => Math.min(attempt * 100, retryMsMax);

/** A message that cannot go now is worth nothing later: whoever missed it reads the log. */
const publishing: RedisOptions = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };

/** A finite number here would reject what waits while Redis is away, and with it end the process. */
const subscribing: RedisOptions = { maxRetriesPerRequest: null };

/** Two connections to one Redis, or to a Redis Cluster: one that publishes, one that only listens. */
export interface RedisClients {
  readonly pub: Redis | Cluster;
  readonly sub: Redis | Cluster;
}

/** Connects in the background: a node starts and serves also while Redis is away. @param urls several: a Redis Cluster */
export function redisClients(urls: readonly string[]): RedisClients {
  return { pub: connect(urls, publishing), sub: connect(urls, subscribing) };
}

function connect(urls: readonly string[], own: RedisOptions): Redis | Cluster {
  const [first, ...others] = urls;
  const options: RedisOptions = { ...own, keepAlive: 5000, connectTimeout: 5000, retryStrategy: retryMs };
  if (first === undefined) throw new Error('REDIS_URL names no server');
  if (others.length === 0) return new Redis(first, options);
  const clusterOptions: ClusterOptions = {
    shardedSubscribers: true,
    clusterRetryStrategy: retryMs,
    enableOfflineQueue: own.enableOfflineQueue ?? true,
    redisOptions: { ...options, ...credentials(first) },
  };
  return new Cluster(urls.map(address), clusterOptions);
}

const address = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
};

/** What the URLs of a cluster's nodes share, and its other nodes, which are found by themselves, need as well. */
function credentials(url: string): RedisOptions {
  const { protocol, username, password } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
