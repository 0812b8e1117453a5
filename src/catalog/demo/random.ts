/** A source of pseudo-random numbers. The same seed gives the same numbers on every machine. */
export interface Random {
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** Returns a whole number from 0 (inclusive) to `below` (exclusive). */
  integer(below: number): number;
  /** Returns one of the items. The list must not be empty. */
  pick<T>(items: readonly T[]): T;
}

/** Hashes a text to 32 bits with FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * Returns a generator of numbers from 0 (inclusive) to 1 (exclusive). It uses the algorithm mulberry32.
 *
 * @param seed 32 bits
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Creates a {@link Random} whose seed is a text. */
export function seededRandom(seed: string): Random {
  const fraction = mulberry32(hashText(seed));
  const integer = (below: number): number => Math.floor(fraction() * below);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[integer(items.length)];
    if (item === undefined) throw new RangeError('cannot pick from an empty list');
    return item;
  };
  return { fraction, integer, pick };
}
