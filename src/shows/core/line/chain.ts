import { hash } from 'node:crypto';
import type { ChainKind, LineName } from '@usher/contract';
import type { LineChange } from '../model/waiter.js';

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

/** The link that a change adds to its line's chain, or null: who is let in while nobody waits was in no line. */
export function chainLink(change: LineChange): ChainLink | null {
  switch (change.type) {
    case 'joined':
      return { line: change.waiter.line, kind: 'join', ticket: change.waiter.ticket };
    case 'left':
      return { line: change.line, kind: change.kind, ticket: change.ticket };
    case 'offered':
      return { line: 'seats', kind: 'offer', ticket: change.ticket };
    case 'entered':
      return change.shopper.ticket === null ? null : { line: 'entry', kind: 'admit', ticket: change.shopper.ticket };
    case 'shuffled':
      return { line: 'entry', kind: 'shuffle', ticket: null };
    case 'stayEnded':
    case 'keyUsed':
      return null;
  }
}
