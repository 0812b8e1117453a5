import { hash } from 'node:crypto';
import type { ChainKind, LineName } from '@usher/contract';

/** What the first entry of a chain is hashed with. */
export const chainStart = '0'.repeat(64);

/** One link: what happened, and to whose ticket. */
export interface ChainLink {
  readonly line: LineName;
  readonly kind: ChainKind;
  /** Null for `shuffle`. */
  readonly ticket: number | null;
}

/** The hash of entry `n`, which is bound to all before it: contract, "The line's proof". */
export const chainHash = (previous: string, n: number, at: number, { kind, ticket }: ChainLink): string =>
  hash('sha256', `${previous}|${n}|${new Date(at).toISOString()}|${kind}|${ticket ?? ''}`);
