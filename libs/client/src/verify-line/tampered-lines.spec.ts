import { describe, expect, it } from '@jest/globals';
import type { ChainEntry, ChainKind, LineName, QueueProof } from '@usher/contract';
import fc from 'fast-check';
import {
  atSecond,
  failing,
  fixedSeed,
  goldenLine,
  HonestLine,
  receiptOf,
  rehash,
  sha256,
} from './honest-line.fixture.js';
import { verifyLine } from './verify-line.js';

const verifyEntry = (proof: QueueProof, commitment?: string) => verifyLine({ proof, line: 'entry', commitment });

const anyLine = fc
  .record({
    line: fc.constantFrom<LineName>('entry', 'seats'),
    hasLobby: fc.boolean(),
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    early: fc.nat(5),
    steps: fc.array(fc.tuple(fc.nat(9), fc.nat(20)), { maxLength: 25 }),
  })
  .map(({ line, hasLobby, seed, early, steps }) => {
    const kept = new HonestLine(line, hasLobby && line === 'entry' ? Buffer.from(seed) : null);
    for (let count = 0; count < early; count++) kept.join();
    for (const [what, which] of steps) {
      if (what < 3) kept.join();
      else if (what < 5) kept.drop(what === 3 ? 'leave' : 'expire', which);
      else if (what < 7) kept.serve(line === 'seats' ? which : 0);
      else if (what < 9) kept.end(what === 7 ? 'lapse' : 'leave');
      else kept.shuffle();
    }
    return { line, proof: kept.proof };
  });

/** Returns a changed copy of a list. */
function changed<T>(list: readonly T[], change: (copy: T[]) => void): T[] {
  const copy = [...list];
  change(copy);
  return copy;
}

/** Returns the hex text with one flipped bit. */
const flipped = (hex: string, bit: number): string => {
  const bytes = Buffer.from(hex, 'hex');
  const at = (bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('hex');
};

/**
 * Ways to tamper with a proof at a position. Each function returns null if the proof has nothing that it could change.
 */
const tamperings: Record<string, (proof: QueueProof, where: number) => QueueProof | null> = {
  'a removed entry': (proof, where) => {
    // A chain without its last entry is the valid proof of an earlier moment, so the last entry is never removed.
    if (proof.chain.length < 2) return null;
    return { ...proof, chain: changed(proof.chain, (chain) => chain.splice(where % (chain.length - 1), 1)) };
  },
  'two swapped entries': (proof, where) => {
    if (proof.chain.length < 2) return null;
    const at = where % (proof.chain.length - 1);
    return {
      ...proof,
      chain: changed(proof.chain, (chain) => chain.splice(at, 2, ...chain.slice(at, at + 2).toReversed())),
    };
  },
  'a changed line ticket': (proof, where) => withEntry(proof, where, ({ ticket }) => ({ ticket: (ticket ?? 0) + 1 })),
  'a changed time': (proof, where) => withEntry(proof, where, () => ({ at: '2026-11-23T18:29:00.000Z' })),
  'a changed kind': (proof, where) =>
    withEntry(proof, where, ({ kind }) => ({ kind: kind === 'leave' ? 'expire' : 'leave' })),
  'a changed hash': (proof, where) => withEntry(proof, where, ({ hash }) => ({ hash: flipped(hash, where) })),
  'a flipped bit of the seed': (proof, where) =>
    proof.seed === null ? null : { ...proof, seed: flipped(proof.seed, where) },
  'a flipped bit of the commitment': (proof, where) =>
    proof.seed === null || proof.commitment === null
      ? null
      : { ...proof, commitment: flipped(proof.commitment, where) },
  'a missing seed': (proof) => (proof.seed === null ? null : { ...proof, seed: null }),
  'a wrong size of the lobby': (proof) => ({ ...proof, lobbySize: proof.seed === null ? 1 : proof.lobbySize + 1 }),
  'the receipt of another session': (proof) => {
    const joins = proof.chain.filter(({ kind }) => kind === 'join');
    const [first, last] = [joins.at(0), joins.at(-1)];
    if (first === undefined || last === undefined || first === last) return null;
    return withEntry(proof, last.n - 1, () => ({ receipt: first.receipt }));
  },
  'a missing receipt': (proof) => {
    const join = proof.chain.find(({ kind }) => kind === 'join');
    return join ? withEntry(proof, join.n - 1, () => ({ receipt: null })) : null;
  },
};

function withEntry(
  proof: QueueProof,
  where: number,
  what: (entry: ChainEntry) => Partial<ChainEntry>,
): QueueProof | null {
  const at = where % Math.max(1, proof.chain.length);
  const entry = proof.chain[at];
  return entry ? { ...proof, chain: proof.chain.with(at, { ...entry, ...what(entry) }) } : null;
}

describe('a check of any line', () => {
  it('finds nothing in a line that follows the contract', async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, async ({ line, proof }) => {
        expect((await verifyLine({ proof, line })).findings).toEqual([]);
      }),
    );
  });

  it.each(Object.entries(tamperings))('detects %s', async (_, tamper) => {
    let tampered = 0;
    await fc.assert(
      fc.asyncProperty(anyLine, fc.nat(1000), async ({ line, proof }, where) => {
        const forged = tamper(proof, where);
        // The size of an open lobby is not defined yet, so a wrong size is no contradiction.
        fc.pre(forged !== null && (forged.lobbySize === proof.lobbySize || proof.seed !== null || !proof.commitment));
        tampered++;
        expect((await verifyLine({ proof: forged, line })).isValid).toBe(false);
      }),
    );
    expect(tampered).toBeGreaterThan(20);
  });
});

describe('a forger who computes all hashes again', () => {
  const forged = (make: (chain: ChainEntry[]) => void, more: Partial<QueueProof> = {}): QueueProof => {
    const { proof } = goldenLine();
    return { ...proof, ...more, chain: rehash(changed(proof.chain, make)) };
  };
  const entry = (kind: ChainKind, ticket: number | null): ChainEntry => ({
    n: 0,
    at: atSecond(50),
    kind,
    ticket,
    hash: '',
    receipt: null,
  });

  it.each<[string, (chain: ChainEntry[]) => void, string[]]>([
    ['admits sessions out of order', (chain) => chain.splice(13, 2, ...chain.slice(13, 15).toReversed()), ['order']],
    ['admits a session from further back', (chain) => chain.push(entry('admit', 9)), ['order']],
    ['admits a later joiner before the lobby', (chain) => chain.push(entry('admit', 11)), ['order']],
    ['admits a session before the shuffle', (chain) => chain.splice(11, 0, entry('admit', 8)), ['endings', 'order']],
    ['admits a session twice', (chain) => chain.push(entry('admit', 8)), ['endings']],
    ['admits a session that left', (chain) => chain.push(entry('admit', 3)), ['endings']],
    ['lets an admission lapse twice', (chain) => chain.push(entry('lapse', 8), entry('lapse', 8)), ['endings']],
    ['lets a waiting session lapse', (chain) => chain.push(entry('lapse', 9)), ['endings']],
    ['records that an unknown session left', (chain) => chain.push(entry('leave', 12)), ['endings']],
    ['removes a join', (chain) => chain.splice(9, 1), ['lineTickets', 'shuffle', 'order']],
    [
      'moves the shuffle behind a join',
      (chain) => chain.splice(11, 2, ...chain.slice(11, 13).toReversed()),
      ['shuffle', 'order'],
    ],
    ['shuffles twice', (chain) => chain.push(entry('shuffle', null)), ['shuffle']],
    ['gives a line ticket to the shuffle', (chain) => chain.push(entry('shuffle', 3)), ['lineTickets', 'shuffle']],
  ])('is detected if the forgery %s', async (_, make, checks) => {
    expect(await failing(forged(make))).toEqual(checks);
  });

  it('is detected by the order of admissions if seed and commitment are replaced, or by anyone who noted the first commitment', async () => {
    const seed = flipped(fixedSeed.toString('hex'), 0);
    const commitment = sha256(Buffer.from(seed, 'hex')).toString('hex');
    expect(await failing(forged(() => undefined, { seed, commitment }))).toEqual(['order']);
    const withoutAdmissions = forged((chain) => chain.splice(13), { seed, commitment });
    expect(await failing(withoutAdmissions)).toEqual([]);
    const report = await verifyEntry(withoutAdmissions, goldenLine().proof.commitment ?? '');
    expect(report.findings.map(({ check }) => check)).toEqual(['commitment']);
  });

  it.each<[string, Partial<QueueProof>, string[]]>([
    ['a seed before the shuffle', { seed: fixedSeed.toString('hex') }, ['commitment']],
    ['a lobby without a commitment', { commitment: null, lobbySize: 2 }, ['shuffle']],
    ['a malformed commitment', { commitment: 'soon' }, ['commitment']],
  ])('is detected if the proof has %s', async (_, more, checks) => {
    const line = new HonestLine('entry', fixedSeed);
    line.join();
    expect(await failing({ ...line.proof, ...more })).toEqual(checks);
  });

  it('cannot slow the check down with a huge line ticket', async () => {
    const far = entry('join', Number.MAX_SAFE_INTEGER);
    expect(await failing(forged((chain) => chain.push({ ...far, receipt: receiptOf('entry', 99, far.at) })))).toEqual([
      'lineTickets',
    ]);
  });
});
