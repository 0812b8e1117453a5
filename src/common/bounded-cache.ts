import { LRUCache } from 'lru-cache';

/**
 * Creates a cache that forgets the least recently used entry when it has more than `max` entries. It reserves no memory
 * in advance. With its own option `max`, `LRUCache` would reserve 1 MB for 50,000 entries when it is created.
 *
 * @param ttlMs the time in ms after which the cache forgets an entry; without it, entries do not expire
 */
export const createBoundedCache = <Key extends string | number, Value extends object | boolean>(
  max: number,
  ttlMs?: number,
): LRUCache<Key, Value> => new LRUCache({ maxSize: max, sizeCalculation: () => 1, ...(ttlMs && { ttl: ttlMs }) });
