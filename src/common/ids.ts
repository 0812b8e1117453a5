import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes for many ids. Asking the system once per id took 5 of the 100 µs that a reservation costs a node. */
const randomPool = new Uint8Array(16 * 1024);
let usedBytes = randomPool.length;

/**
 * Ids of commits are lower than this. All lower numbers are exact in JSON and in PostgreSQL's `bigint` and `float8`.
 */
const commitIdMax = 2 ** 53;

/** Creates a random id for a commit. It only tells histories apart, so it comes from the fastest generator. */
export const createCommitId = (): number => 1 + Math.floor(Math.random() * (commitIdMax - 1));

/** Creates a UUIDv7 for a session, a booking and the like. Ids of the same millisecond are not ordered. */
export function createId(): string {
  if (usedBytes === randomPool.length) {
    randomFillSync(randomPool);
    usedBytes = 0;
  }
  const random = randomPool.subarray(usedBytes, usedBytes + 16);
  usedBytes += 16;
  return v7({ random });
}
