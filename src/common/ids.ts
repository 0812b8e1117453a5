import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/**
 * Random bytes for many ids. A separate request to the operating system for each id took 5 of the 100 µs that a node
 * needs for a reservation.
 */
const randomPool = new Uint8Array(16 * 1024);
let usedBytes = randomPool.length;

/**
 * All commit ids are lower than this number. JSON and PostgreSQL's `bigint` and `float8` represent every lower whole
 * number exactly.
 */
const commitIdMax = 2 ** 53;

/**
 * Creates a random id for a commit. The id only has to tell different histories apart, so the fastest generator is good
 * enough.
 */
export const createCommitId = (): number => 1 + Math.floor(Math.random() * (commitIdMax - 1));

/**
 * Creates a UUIDv7, for example for a session or a booking. Ids that are created in the same millisecond have no order.
 */
export function createId(): string {
  if (usedBytes === randomPool.length) {
    randomFillSync(randomPool);
    usedBytes = 0;
  }
  const random = randomPool.subarray(usedBytes, usedBytes + 16);
  usedBytes += 16;
  return v7({ random });
}
