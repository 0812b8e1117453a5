import { type Bytes, sha256, sha256Each } from '../common/bytes.js';

/** Length of an Ed25519 signature, which is what a receipt is. */
export const receiptBytes = 64;

/** A member of the lobby. */
export interface LobbyMember {
  readonly ticket: number;
  /** The 64 bytes of the signature. */
  readonly receipt: Bytes;
}

/**
 * The shuffle of `usher-line-1`, see "The line's proof".
 *
 * @param seed the 32 bytes that the commitment stands for
 * @param lobby its members in ticket order
 * @returns their tickets in the order of entry
 */
export async function shuffleLobby(seed: Bytes, lobby: readonly LobbyMember[]): Promise<number[]> {
  const mixed = await sha256(mixture(seed, lobby));
  const tickets = lobby.map(({ ticket }) => ticket);
  // The digests do not depend on each other, only the swaps do: those follow in the order that the rule says.
  await sha256Each(
    Math.max(0, tickets.length - 1),
    (step) => concat(mixed, bigEndian(tickets.length - 1 - step)),
    (step, digest) => {
      const i = tickets.length - 1 - step;
      swap(tickets, i, remainder(digest, i + 1));
    },
  );
  return tickets;
}

function mixture(seed: Bytes, lobby: readonly LobbyMember[]): Bytes {
  const bytes = new Uint8Array(seed.length + lobby.length * receiptBytes);
  bytes.set(seed);
  lobby.forEach(({ receipt }, index) => bytes.set(receipt, seed.length + index * receiptBytes));
  return bytes;
}

function concat(first: Bytes, second: Bytes): Bytes {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** A number as 8 bytes, the highest first. */
function bigEndian(value: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/**
 * The first 8 bytes of a digest, as a big-endian number, mod `divisor`. Taken 16 bits at a time like a long division: all
 * that is between stays below `divisor` × 65,536 and so is exact, for which 64 bits at once would want BigInt.
 */
export function remainder(digest: Bytes, divisor: number): number {
  const view = new DataView(digest.buffer, digest.byteOffset, 8);
  let rest = 0;
  for (let at = 0; at < 8; at += 2) rest = (rest * 65_536 + view.getUint16(at)) % divisor;
  return rest;
}

function swap(list: number[], i: number, j: number): void {
  const [atI, atJ] = [list[i], list[j]];
  if (atI === undefined || atJ === undefined) throw new RangeError(`No such places: ${i}, ${j}`);
  list[i] = atJ;
  list[j] = atI;
}
