import { describeWith, redisServer } from './tool.js';

export { RedisCluster, RedisServer } from './redis-server.js';

/** `describe` for what needs Redis. */
export const describeWithRedis = describeWith(redisServer);
