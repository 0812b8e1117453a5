import { describeWith, redisServer } from './describe-with.js';

/** `describe` for what needs Redis. */
export const describeWithRedis = describeWith(redisServer);
