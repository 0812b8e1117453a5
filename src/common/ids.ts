import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes fetched at once: asking the system for each id took 5 of the 100 µs that a reservation costs a node. */
const pool = new Uint8Array(16 * 1024);
let used = pool.length;

/** Commits get a number below this: any such number is exact in JSON and as PostgreSQL's `bigint` and `float8`. */
const commitIdMax = 2 ** 53;

/** A random id of a commit. It tells histories apart and needs not be secret, so that the quickest generator will do. */
export const createCommitId = (): number => 1 + Math.floor(Math.random() * (commitIdMax - 1));

/** A new UUIDv7: `sessionId`, `bookingId` and the like. Ids of one millisecond are in no order. */
export function createId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 16);
  used += 16;
  return v7({ random });
}
