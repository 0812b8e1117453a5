import { type Bytes, sha256, sha256Each } from '../common/bytes.js';

/** Length of a receipt in bytes. A receipt is an Ed25519 signature. */
export const receiptLength = 64;

/** A member of the lobby. */
export interface LobbyMember {
  readonly lineTicket: number;
  /** The 64 bytes of the signature. */
  readonly receipt: Bytes;
}

/**
 * Shuffles a lobby with the algorithm `usher-line-1` of the wire contract.
 *
 * @param seed the 32 bytes whose SHA-256 is the commitment
 * @param lobby the members in the order of their line tickets
 * @returns the members' line tickets in the order of their new places
 */
export async function shuffleLobby(seed: Bytes, lobby: readonly LobbyMember[]): Promise<number[]> {
  const mixedSeed = await sha256(concatReceipts(seed, lobby));
  const lineTickets = lobby.map(({ lineTicket }) => lineTicket);
  // The digests do not depend on each other, so they are computed concurrently. The swaps do, so they are made in the
  // order of the algorithm.
  await sha256Each(
    Math.max(0, lineTickets.length - 1),
    (step) => concat(mixedSeed, toBigEndian(lineTickets.length - 1 - step)),
    (step, digest) => {
      const i = lineTickets.length - 1 - step;
      swap(lineTickets, i, remainderOf(digest, i + 1));
    },
  );
  return lineTickets;
}

function concatReceipts(seed: Bytes, lobby: readonly LobbyMember[]): Bytes {
  const bytes = new Uint8Array(seed.length + lobby.length * receiptLength);
  bytes.set(seed);
  lobby.forEach(({ receipt }, index) => bytes.set(receipt, seed.length + index * receiptLength));
  return bytes;
}

function concat(first: Bytes, second: Bytes): Bytes {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Returns a number as 8 bytes in big-endian order. */
function toBigEndian(value: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/**
 * Returns the first 8 bytes of a digest, as a big-endian number, modulo `divisor`. It processes 16 bits in each step,
 * like long division. All intermediate values stay below `divisor` × 65,536, so they are exact without BigInt.
 */
export function remainderOf(digest: Bytes, divisor: number): number {
  const view = new DataView(digest.buffer, digest.byteOffset, 8);
  let remainder = 0;
  for (let at = 0; at < 8; at += 2) remainder = (remainder * 65_536 + view.getUint16(at)) % divisor;
  return remainder;
}

function swap(list: number[], i: number, j: number): void {
  const [atI, atJ] = [list[i], list[j]];
  if (atI === undefined || atJ === undefined) {
    throw new RangeError(`Cannot swap places ${i} and ${j} of a list of ${list.length}`);
  }
  list[i] = atJ;
  list[j] = atI;
}
