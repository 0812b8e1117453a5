import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { DomainError } from '../../common/domain-error.js';
import { CONFIG, type Config } from '../../config/config.js';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { limiterKeysMax, MemoryLimiter } from '../../common/memory-limiter.js';
import type { SharedLimiter } from '../budgets/shared-limiter.js';
import { SharedLimiters } from '../budgets/shared-limiters.service.js';
import { ApiKeys, type KeyHolder } from './api-keys.service.js';
import { KeyUses } from './key-uses.service.js';
import { KnownKeys } from './known-keys.service.js';

const guessWindowSeconds = 60;

/** A caller may repeat one wrong key this many times as often as it may guess new keys. A repetition costs no query. */
const repeatsPerGuess = 10;

/** Returns the digest by which this class remembers a key. It never keeps the key itself. */
const digestOf = (key: string): string => hash('sha256', key, 'base64url');

/**
 * Checks the API keys that callers send over any transport, and limits how often callers may guess keys.
 *
 * Each address may try a few unknown keys per minute. After that, this node looks up a key from the address only if the
 * key's digest is among the digests in memory. So guesses cost no queries, and they do not lock out the gates at the same
 * address. This is safe, because a key of the table has 256 random bits. People choose `ADMIN_API_KEY`, so this key is
 * refused after too many guesses, unless the address has used it before.
 *
 * The node remembers wrong keys, so a wrong key that is sent again does not count as a new guess. A device with an old
 * key therefore costs no queries and does not use up the guesses of its address.
 */
@Injectable()
export class ApiKeyChecks {
  private readonly guesses: SharedLimiter;
  private readonly repeats: MemoryLimiter;
  /** Holders of keys that were valid when the address last sent them, by pair of an address and a key. */
  private readonly goodPairs = createBoundedCache<string, KeyHolder>(limiterKeysMax);
  /** Pairs of an address and a wrong key that the address sent within the window. */
  private readonly wrongPairs = createBoundedCache<string, true>(limiterKeysMax, guessWindowSeconds * 1000);
  /**
   * One queue per address. Unknown keys are looked up one after another, so that parallel guesses cannot exceed the
   * budget.
   */
  private readonly lookUps = new Map<string, LimitFunction>();

  constructor(
    private readonly keys: ApiKeys,
    private readonly knownKeys: KnownKeys,
    private readonly uses: KeyUses,
    @Inject(CONFIG) private readonly config: Config,
    limiters: SharedLimiters,
  ) {
    const budget = { points: config.keyGuessesPerMinuteMax, seconds: guessWindowSeconds };
    this.guesses = limiters.create('guesses', budget);
    this.repeats = new MemoryLimiter({ ...budget, points: budget.points * repeatsPerGuess });
  }

  /**
   * Returns the holder of a key.
   *
   * @param address the caller's address as `clientAddress` returns it
   * @throws DomainError `UNAUTHENTICATED` if the key is unknown, was revoked or replaced, or has expired, `RATE_LIMITED`
   * if the address has sent too many such keys
   */
  async holderOf(key: string, address: string): Promise<KeyHolder> {
    const pair = `${address} ${digestOf(key)}`;
    if (this.wrongPairs.has(pair)) return this.refuseRepeated(pair);
    const known = this.goodPairs.has(pair) ? await this.keys.holderOf(key) : null;
    const holder = known ?? (await this.inTurn(address, () => this.lookUp(key, address, pair)));
    // The key of the settings has no row.
    if (holder.keyId !== null) this.uses.record(holder.keyId);
    return holder;
  }

  /**
   * Returns the holder of a key as it was when this address last sent the key, or null if the key was not valid then.
   * Makes no query, so use it only to choose a call budget.
   */
  knownHolder(key: string, address: string): KeyHolder | null {
    return this.goodPairs.get(`${address} ${digestOf(key)}`) ?? null;
  }

  private async lookUp(key: string, address: string, pair: string): Promise<KeyHolder> {
    this.goodPairs.delete(pair);
    if (this.wrongPairs.has(pair)) return this.refuseRepeated(pair);
    const waitMs = await this.guesses.waitMs(address);
    if (waitMs > 0 && !(await this.knownKeys.has(key))) throw this.tooManyGuesses(waitMs);
    const holder = await this.keys.holderOf(key);
    if (holder) {
      this.goodPairs.set(pair, holder);
      return holder;
    }
    if (waitMs > 0) throw this.tooManyGuesses(waitMs);
    await this.guesses.take(address);
    await this.repeats.take(pair);
    this.wrongPairs.set(pair, true);
    throw unknownKey();
  }

  private async refuseRepeated(pair: string): Promise<never> {
    const waitMs = await this.repeats.take(pair);
    throw waitMs > 0 ? this.tooManyGuesses(waitMs) : unknownKey();
  }

  private tooManyGuesses(retryAfterMs: number): DomainError<'RATE_LIMITED'> {
    const detail = `This address sent too many wrong API keys. The limit is ${this.config.keyGuessesPerMinuteMax} per minute.`;
    return new DomainError('RATE_LIMITED', detail, { retryAfterMs });
  }

  private async inTurn<T>(address: string, act: () => Promise<T>): Promise<T> {
    const turns = this.lookUps.get(address) ?? pLimit(1);
    this.lookUps.set(address, turns);
    try {
      return await turns(act);
    } finally {
      if (turns.activeCount + turns.pendingCount === 0) this.lookUps.delete(address);
    }
  }
}

const unknownKey = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError('UNAUTHENTICATED', 'The API key is unknown, was revoked or replaced, or has expired.', {});
