import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { remainderOf, shuffleLobby } from './shuffle.js';

const seed = Uint8Array.from({ length: 32 }, (_, index) => index);

/**
 * Returns lobby members. Each receipt is the SHA-512 of the line ticket, which has 64 bytes and can be computed in any
 * language.
 */
const lobbyOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    lineTicket: index + 1,
    receipt: new Uint8Array(
      createHash('sha512')
        .update(String(index + 1))
        .digest(),
    ),
  }));

it('shuffles a lobby of 1,000 into the same order as a program in Python', async () => {
  const order = await shuffleLobby(seed, lobbyOf(1000));
  expect(order.slice(0, 8)).toEqual([376, 142, 492, 280, 670, 768, 184, 212]);
  expect(createHash('sha256').update(order.join(',')).digest('hex')).toBe(
    '60048dd4505bc180b4f1b301006be13187e4d701a05a1efdc6825e9f235c62e8',
  );
});

it('returns a different order if the last bit of the seed or the last receipt changes', async () => {
  const lobby = lobbyOf(200);
  const order = await shuffleLobby(seed, lobby);
  const [first] = lobby;
  expect(await shuffleLobby(seed.with(31, 30), lobby)).not.toEqual(order);
  expect(await shuffleLobby(seed, lobby.with(199, { lineTicket: 200, receipt: first?.receipt ?? seed }))).not.toEqual(
    order,
  );
});

it('keeps every member exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(40), async (bytes, count) => {
      const order = await shuffleLobby(Uint8Array.from(bytes), lobbyOf(count));
      expect(order.toSorted((one, other) => one - other)).toEqual(lobbyOf(count).map(({ lineTicket }) => lineTicket));
    }),
  );
});

it('computes the remainder of a 64-bit number exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 1, max: 2 ** 32 }), (value, divisor) => {
      const digest = new Uint8Array(32);
      new DataView(digest.buffer).setBigUint64(0, value);
      expect(remainderOf(digest, divisor)).toBe(Number(value % BigInt(divisor)));
    }),
  );
});
