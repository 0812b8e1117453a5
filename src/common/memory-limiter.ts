import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { createBoundedCache } from './bounded-cache.js';

/** Maximum number of keys that one limiter remembers. It forgets the least recently used key first. */
export const limiterKeysMax = 50_000;

/** Budget of one key: `points` per window of `seconds`. A window starts with the key's first call. */
export interface Budget {
  readonly points: number;
  readonly seconds: number;
}

/** The budget of a key after points were taken. */
export interface BudgetState {
  /** 0 if the key had enough points left, otherwise the milliseconds until it has them again. */
  readonly waitMs: number;
  readonly pointsLeft: number;
  /** Milliseconds until the window ends. The key then has all of its points again. */
  readonly resetMs: number;
}

/** Limits each key to a budget. The counters are in the memory of this node. */
export class MemoryLimiter {
  private readonly limiter: BoundedLimiter;

  /** @param keysMax maximum number of keys in memory, at about 200 bytes per key */
  constructor({ points, seconds }: Budget, keysMax = limiterKeysMax) {
    this.limiter = new BoundedLimiter({ keyPrefix: '', points, duration: seconds }, keysMax);
  }

  /** Number of keys in memory. */
  get size(): number {
    return this.limiter.size;
  }

  /** Takes points of a key, and returns the state of its budget. */
  async consume(key: string, points = 1): Promise<BudgetState> {
    try {
      const { remainingPoints, msBeforeNext } = await this.limiter.consume(key, points);
      return { waitMs: 0, pointsLeft: remainingPoints, resetMs: msBeforeNext };
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return { waitMs: waitMs(refused), pointsLeft: 0, resetMs: refused.msBeforeNext };
    }
  }

  /**
   * Takes one point of a key. Returns 0 if the key had a point left, otherwise the milliseconds until it has one again.
   */
  async take(key: string): Promise<number> {
    return (await this.consume(key)).waitMs;
  }

  /** Returns 0 if the key has a point left, otherwise the milliseconds until it has one again. Takes no point. */
  async waitMs(key: string): Promise<number> {
    const state = await this.limiter.get(key);
    return state && state.consumedPoints >= this.limiter.points ? waitMs(state) : 0;
  }
}

const waitMs = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext));

/** Replaces the package's own store, which remembers an unlimited number of keys and starts a timer per key. */
class BoundedLimiter extends RateLimiterMemory {
  declare private _memoryStorage: BoundedCounters;

  constructor(options: ConstructorParameters<typeof RateLimiterMemory>[0], keysMax: number) {
    super(options);
    this._memoryStorage = new BoundedCounters(keysMax);
  }

  get size(): number {
    return this._memoryStorage.size;
  }
}

interface Counter {
  points: number;
  readonly expiresAtMs: number;
}

/** Implements the methods of the store that `RateLimiterMemory` calls. */
class BoundedCounters {
  private readonly counters;

  constructor(keysMax: number) {
    this.counters = createBoundedCache<string, Counter>(keysMax);
  }

  get size(): number {
    return this.counters.size;
  }

  incrby(key: string, points: number, seconds: number): RateLimiterRes {
    const now = Date.now();
    const counter = this.counters.get(key);
    if (!counter || counter.expiresAtMs <= now) return this.set(key, points, seconds);
    counter.points += points;
    return new RateLimiterRes(0, counter.expiresAtMs - now, counter.points, false);
  }

  set(key: string, points: number, seconds: number): RateLimiterRes {
    this.counters.set(key, { points, expiresAtMs: Date.now() + seconds * 1000 });
    return new RateLimiterRes(0, seconds * 1000, points, true);
  }

  get(key: string): RateLimiterRes | null {
    const counter = this.counters.get(key);
    const msLeft = counter ? counter.expiresAtMs - Date.now() : 0;
    return counter && msLeft > 0 ? new RateLimiterRes(0, msLeft, counter.points, false) : null;
  }

  delete(key: string): boolean {
    return this.counters.delete(key);
  }
}
