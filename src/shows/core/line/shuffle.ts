import { createHash, hash } from 'node:crypto';

/**
 * Returns the hash of a seed. The hash is published before the lobby opens (see "The line's proof" in the contract).
 */
export const commitmentOf = (seed: string): string => hash('sha256', Buffer.from(seed, 'hex'));

/**
 * Draws the order in which the members of the lobby are served, by the contract's algorithm `usher-line-1`. Nobody can
 * know the order before the last receipt is given out, and everybody can check it afterwards.
 *
 * @param seed 32 bytes, lower-case hex
 * @param receipts the receipts of the lobby's line tickets 1 to n in that order, base64url
 * @returns the line tickets in the order of their places
 */
export function shuffledTickets(seed: string, receipts: readonly string[]): Int32Array {
  const mixing = createHash('sha256').update(seed, 'hex');
  for (const receipt of receipts) mixing.update(receipt, 'base64url');
  const block = Buffer.alloc(40);
  mixing.digest().copy(block);
  const order = Int32Array.from(receipts, (_, index) => index + 1);
  for (let i = order.length - 1; i > 0; i--) {
    block.writeBigUInt64BE(BigInt(i), 32);
    const drawn = hash('sha256', block, 'buffer').readBigUInt64BE(0);
    const j = Number(drawn % BigInt(i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
