import type { AuditEntry } from '@usher/contract';
import { addressDigest, auditChainStart, auditHash } from '../access/index.js';

/** The end of a chain: the number and the hash of its last entry. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** The first broken place of a chain. */
export interface ChainBreak {
  /** Null for the chain of all acts that concern no show. */
  readonly showId: number | null;
  /** The number of the entry that is missing or was changed. */
  readonly seq: number;
  readonly problem: string;
}

/**
 * Recomputes the hash chains of the audit trail. It takes entries in any order that keeps the order of each chain, and it
 * remembers only the end of each chain.
 */
export class ChainVerifier {
  private readonly ends = new Map<number | null, ChainEnd>();
  private readonly broken = new Map<number | null, ChainBreak>();
  /** The number of entries so far. */
  entryCount = 0;

  /** @param earlier the ends of chains in an earlier export. Their entries must still exist */
  constructor(private readonly earlier: ReadonlyMap<number | null, ChainEnd> = new Map()) {}

  get chainCount(): number {
    return this.ends.size;
  }

  /** The first broken place of each broken chain. */
  get breaks(): ChainBreak[] {
    return [...this.broken.values()];
  }

  /** The ends of all chains so far. */
  get chainEnds(): ReadonlyMap<number | null, ChainEnd> {
    return this.ends;
  }

  /** Checks the next entry of a chain. */
  add(entry: AuditEntry): void {
    const { showId, seq, hash } = entry;
    this.entryCount++;
    const previous = this.ends.get(showId) ?? { seq: 0, hash: auditChainStart };
    this.ends.set(showId, { seq, hash });
    if (seq !== previous.seq + 1) {
      this.report(showId, previous.seq + 1, `the entry is missing; the chain continues with entry ${seq}`);
    } else if (hash !== auditHash(previous.hash, entry)) {
      this.report(showId, seq, 'the entry does not match its hash, so this entry or the one before it was changed');
    } else if (!matchesItsAddress(entry)) {
      this.report(showId, seq, 'the address does not match its digest');
    }
    const known = this.earlier.get(showId);
    if (known?.seq === seq && known.hash !== hash)
      this.report(showId, seq, 'the entry differs from the earlier export, so the chain was rewritten');
  }

  /**
   * Checks the ends of all chains after the last entry.
   *
   * @param heads the ends that the service stores apart from the entries; null if they are unknown
   */
  finish(heads: ReadonlyMap<number | null, ChainEnd> | null): void {
    for (const [showId, head] of heads ?? []) this.requireEnd(showId, head, 'the stored end of the chain');
    for (const [showId, known] of this.earlier) {
      if (known.seq > (this.ends.get(showId)?.seq ?? 0))
        this.report(showId, (this.ends.get(showId)?.seq ?? 0) + 1, 'the entry is missing; the earlier export has it');
    }
    if (!heads) return;
    for (const [showId, { seq }] of this.ends) {
      if (!heads.has(showId)) this.report(showId, seq, 'the chain has no stored end');
    }
  }

  private requireEnd(showId: number | null, head: ChainEnd, what: string): void {
    const end = this.ends.get(showId) ?? { seq: 0, hash: auditChainStart };
    if (end.seq < head.seq) this.report(showId, end.seq + 1, `the entry is missing; ${what} is entry ${head.seq}`);
    else if (end.seq > head.seq)
      this.report(showId, head.seq + 1, `the entry is too many; ${what} is entry ${head.seq}`);
    else if (end.hash !== head.hash) this.report(showId, end.seq, `the hash differs from ${what}`);
  }

  private report(showId: number | null, seq: number, problem: string): void {
    if (!this.broken.has(showId)) this.broken.set(showId, { showId, seq, problem });
  }
}

/** Returns true if the address of an entry was erased or matches its digest. */
function matchesItsAddress({ address, addressSalt, addressDigest: digest }: AuditEntry): boolean {
  if (address === null) return true;
  return addressSalt !== null && addressDigest(addressSalt, address) === digest;
}
