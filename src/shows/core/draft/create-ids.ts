import { hash } from 'node:crypto';
import { v7 } from 'uuid';

/**
 * Returns a function that creates ids for the holds of waiters and for refunds. The ids are UUIDv7. They depend only on
 * the commit and its time, so a batch that is decided again gives the same ids.
 *
 * @param commit a text that identifies the show and the commit
 * @param now milliseconds since 1970
 */
export function createIds(commit: string, now: number): () => string {
  let count = 0;
  // Given a time and random bytes, `v7` reads neither the clock nor the system's random source.
  return () => v7({ msecs: now, random: hash('sha256', `${commit} ${count++}`, 'buffer') });
}
