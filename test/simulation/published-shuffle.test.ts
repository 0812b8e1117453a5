import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shuffleLobby } from '../../libs/client/src/verify-line/shuffle.js';
import { shuffledTickets } from '../../src/shows/core/line/shuffle.js';

const receiptsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    createHash('sha512')
      .update(`${index + 1}`)
      .digest('base64url'),
  );

it('draws a lobby in the order that the published verifier recomputes', async () => {
  const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat(60), async (seed, count) => {
      const receipts = receiptsOf(count);
      const lobby = receipts.map((receipt, index) => ({
        lineTicket: index + 1,
        receipt: new Uint8Array(Buffer.from(receipt, 'base64url')),
      }));
      const published = await shuffleLobby(new Uint8Array(seed), lobby);
      expect([...shuffledTickets(seed.toString('hex'), receipts)]).toEqual(published);
    }),
  );
});
