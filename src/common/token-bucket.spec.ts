import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('hands out at most the burst plus the refill, and returns the exact time until the next token', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(
        waits,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (pauses, perSecond, burst) => {
          let now = 0;
          const bucket = new TokenBucket(perSecond, burst, () => now);
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            const count = Math.min(burst, 1 + (pause % 3));
            const retryAfterMs = bucket.take(count);
            now += retryAfterMs;
            expect(retryAfterMs > 0 ? bucket.take(count) : 0).toBe(0);
            taken += count;
            expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });
});
