import { describeWith, redisServer } from './describe-with.js';

/** `describe` for tests that need Redis. */
export const describeWithRedis = describeWith(redisServer);
