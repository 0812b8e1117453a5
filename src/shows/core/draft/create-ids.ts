import { hash } from 'node:crypto';

/**
 * Returns a function that creates ids for bookings and refunds. The ids are UUIDv7. They depend only on the commit and
 * its time, so a batch that is decided again gives the same ids.
 *
 * @param commit names the show and the commit
 * @param now milliseconds since 1970
 */
export function createIds(commit: string, now: number): () => string {
  let count = 0;
  return () => {
    const random = hash('sha256', `${commit} ${count++}`, 'hex');
    const time = now.toString(16).padStart(12, '0');
    const variant = (8 + (Number.parseInt(random.charAt(3), 16) % 4)).toString(16);
    return [
      time.slice(0, 8),
      time.slice(8, 12),
      `7${random.slice(0, 3)}`,
      `${variant}${random.slice(4, 7)}`,
      random.slice(7, 19),
    ].join('-');
  };
}
