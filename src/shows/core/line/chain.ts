import { hash } from 'node:crypto';
import type { ChainKind, LineName } from '@usher/contract';

/** The hash before the first entry of a chain. */
export const chainStart = '0'.repeat(64);

/** One entry of a line's hash chain, without its hash: the event and the line ticket that it concerns. */
export interface ChainLink {
  readonly line: LineName;
  readonly kind: ChainKind;
  /** The line ticket; null for `shuffle`. */
  readonly lineTicket: number | null;
}

/** Returns the hash of entry `n`. It depends on all entries before it (see "The line's proof" in the contract). */
export const chainHash = (previous: string, n: number, at: number, { kind, lineTicket }: ChainLink): string =>
  hash('sha256', `${previous}|${n}|${new Date(at).toISOString()}|${kind}|${lineTicket ?? ''}`);
