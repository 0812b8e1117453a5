import { createHash, hash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { testSeed } from '../../../../test/simulation/fixtures/commands.js';
import { commitmentOf, shuffledTickets } from './shuffle.js';

/**
 * Returns the SHA-512 of each line ticket as its receipt. Such receipts have 64 bytes, and any language can compute
 * them.
 */
const receiptsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    createHash('sha512')
      .update(`${index + 1}`)
      .digest('base64url'),
  );

it('gives 1,000 members the same order as a Python implementation of the algorithm', () => {
  const order = Array.from(shuffledTickets(testSeed, receiptsOf(1000)));
  expect(order.slice(0, 8)).toEqual([376, 142, 492, 280, 670, 768, 184, 212]);
  expect(hash('sha256', order.join(','))).toBe('60048dd4505bc180b4f1b301006be13187e4d701a05a1efdc6825e9f235c62e8');
});

it('depends on every bit of the seed, and on every receipt', () => {
  const receipts = receiptsOf(200);
  const order = shuffledTickets(testSeed, receipts);
  for (let bit = 0; bit < 256; bit++) {
    const seed = Buffer.from(testSeed, 'hex');
    seed[bit >> 3]! ^= 1 << (bit & 7);
    expect(shuffledTickets(seed.toString('hex'), receipts)).not.toEqual(order);
  }
  for (const [index] of receipts.entries()) {
    expect(shuffledTickets(testSeed, receipts.with(index, receipts[(index + 1) % 200]!))).not.toEqual(order);
  }
});

it('returns an empty order for an empty lobby, and the only possible order for one member', () => {
  expect([...shuffledTickets(testSeed, [])]).toEqual([]);
  expect([...shuffledTickets(testSeed, receiptsOf(1))]).toEqual([1]);
});

it('commitmentOf returns the SHA-256 of the seed’s bytes', () => {
  // sha256sum of the bytes 0 to 31
  expect(commitmentOf(testSeed)).toBe('630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd');
});
