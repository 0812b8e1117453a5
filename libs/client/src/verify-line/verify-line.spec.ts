import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ChainEntry, ChainKind, LineName, QueueProof } from '@usher/contract';
import fc from 'fast-check';
import { verifyLine } from './verify-line.js';
import type { LineReport } from './report.js';

const showId = 42;

/** The first test key of RFC 8032. */
const privateKey = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);

const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const sessionOf = (ticket: number): string => `019ab3c4-5d6e-7f80-9a1b-${ticket.toString(16).padStart(12, '0')}`;
const atSecond = (second: number): string => `2026-11-23T18:30:${String(second % 60).padStart(2, '0')}.000Z`;

/** The receipts that were signed so far, by their text. Random lines have many receipts in common. */
const signedReceipts = new Map<string, string>();

function receiptOf(line: LineName, ticket: number, joinedAt: string, sessionId = sessionOf(ticket)): string {
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sha256(sessionId).toString('hex')}`;
  let receipt = signedReceipts.get(text);
  if (receipt === undefined) {
    receipt = sign(null, Buffer.from(text), privateKey).toString('base64url');
    signedReceipts.set(text, receipt);
  }
  return receipt;
}

/** Numbers and hashes the entries of a chain again, as a forger with access to the whole database could. */
function rehash(chain: readonly ChainEntry[]): ChainEntry[] {
  let hash = '0'.repeat(64);
  return chain.map((entry, index) => {
    const n = index + 1;
    hash = sha256(`${hash}|${n}|${entry.at}|${entry.kind}|${entry.ticket ?? ''}`).toString('hex');
    return { ...entry, n, hash };
  });
}

/** A line that follows the contract. Its code is independent of the code under test: BigInt, node:crypto, plain lists. */
class HonestLine {
  private readonly events: Omit<ChainEntry, 'n' | 'hash'>[] = [];
  private tickets = 0;
  private lobbySize = 0;
  private isShuffled = false;
  /** The waiting line tickets, in the order in which they are served. */
  private waiting: number[] = [];
  private inside: number[] = [];

  constructor(
    private readonly line: LineName,
    private readonly seed: Buffer | null,
  ) {}

  private add(kind: ChainKind, ticket: number | null, receipt: string | null = null, second = this.events.length + 1) {
    this.events.push({ at: atSecond(second), kind, ticket, receipt });
  }

  join(second = this.events.length + 1): void {
    const ticket = ++this.tickets;
    this.add('join', ticket, receiptOf(this.line, ticket, atSecond(second)), second);
    this.waiting.push(ticket);
  }

  drop(kind: 'leave' | 'expire', index: number, second?: number): void {
    const [ticket] = this.waiting.splice(index % Math.max(1, this.waiting.length), 1);
    if (ticket !== undefined) this.add(kind, ticket, null, second);
  }

  serve(index = 0, second?: number): void {
    if (this.seed !== null && !this.isShuffled) return;
    const [ticket] = this.waiting.splice(index % Math.max(1, this.waiting.length), 1);
    if (ticket === undefined) return;
    this.add(this.line === 'entry' ? 'admit' : 'offer', ticket, null, second);
    this.inside.push(ticket);
  }

  end(kind: 'lapse' | 'leave'): void {
    const ticket = this.inside.pop();
    if (ticket !== undefined) this.add(kind, ticket);
  }

  shuffle(second?: number): void {
    if (this.seed === null || this.isShuffled) return;
    const receipts = this.events.flatMap(({ receipt }) =>
      receipt === null ? [] : [Buffer.from(receipt, 'base64url')],
    );
    const mixed = sha256(this.seed, ...receipts);
    const list = receipts.map((_, index) => index + 1);
    for (let i = list.length - 1; i > 0; i--) {
      const place = Buffer.alloc(8);
      place.writeBigUInt64BE(BigInt(i));
      const j = Number(sha256(mixed, place).readBigUInt64BE() % BigInt(i + 1));
      [list[i], list[j]] = [list[j] ?? 0, list[i] ?? 0];
    }
    this.waiting = list.filter((ticket) => this.waiting.includes(ticket));
    this.lobbySize = list.length;
    this.isShuffled = true;
    this.add('shuffle', null, null, second);
  }

  get proof(): QueueProof {
    return {
      algorithm: 'usher-line-1',
      publicKey: publicKey.toString('base64url'),
      commitment: this.seed && sha256(this.seed).toString('hex'),
      seed: this.isShuffled && this.seed ? this.seed.toString('hex') : null,
      lobbySize: this.lobbySize,
      chain: rehash(this.events.map((event) => ({ ...event, n: 0, hash: '' }))),
      nextCursor: null,
    };
  }
}

const fixedSeed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

/**
 * Returns a line with a lobby of ten, of whom line ticket 3 leaves. After the shuffle, one session joins and four are
 * admitted. A program in Python computed the figures below.
 */
function goldenLine(): HonestLine {
  const line = new HonestLine('entry', fixedSeed);
  for (let ticket = 1; ticket <= 10; ticket++) line.join();
  line.drop('leave', 2, 20);
  line.shuffle(30);
  line.join(31);
  for (let count = 0; count < 4; count++) line.serve(0, 40);
  return line;
}

const stateOf = (report: LineReport, name: string) => report.checks.find((check) => check.name === name)?.state;
const verifyEntry = (proof: QueueProof, commitment?: string) => verifyLine({ proof, line: 'entry', commitment });
/** Returns the names of the failed checks. */
const failing = async (proof: QueueProof, line: LineName = 'entry'): Promise<string[]> =>
  (await verifyLine({ proof, line })).checks.filter(({ state }) => state === 'failed').map(({ name }) => name);

describe('a line that follows the contract', () => {
  it('has the order, the hashes and the signatures that another program computes', async () => {
    const { proof } = goldenLine();
    const report = await verifyEntry(proof, '630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd');
    expect(report.findings).toEqual([]);
    expect(report.order).toEqual([8, 1, 4, 3, 5, 6, 2, 7, 9, 10, 11]);
    expect(proof.chain.at(-1)?.hash).toBe('8dd9ff7e6ded6b6fab072ed84bddbdc7f21a7c351aa48455f294c35880d160a7');
    expect([proof.publicKey, proof.chain[0]?.receipt]).toEqual([
      '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      '_RL22j6EZ4AAptmr5ojaXMNHDhi1WVJ1hqOEuaf60UQ07zKzFuKzqWUfmQBW5R3j4_z-ir3KXf9Y3AhchK6NAQ',
    ]);
    expect(report.checks.map(({ state }) => state)).toEqual(report.checks.map(() => 'passed'));
    expect(report.counts).toEqual({
      lineTickets: 11,
      lobby: 10,
      states: { join: 6, leave: 1, expire: 0, admit: 4, offer: 0, lapse: 0 },
      offersOutOfOrder: 0,
    });
  });

  it('has no order while its lobby is open', async () => {
    const line = new HonestLine('entry', fixedSeed);
    line.join();
    const report = await verifyEntry(line.proof);
    expect([report.isValid, report.order]).toEqual([true, null]);
    expect(['commitment', 'shuffle', 'order'].map((name) => stateOf(report, name))).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ]);
  });

  it('is valid without members, and with a lobby of none or one', async () => {
    expect(await failing(new HonestLine('entry', null).proof)).toEqual([]);
    const line = new HonestLine('entry', fixedSeed);
    line.shuffle();
    expect(await failing(line.proof)).toEqual([]);
    const one = new HonestLine('entry', fixedSeed);
    one.join();
    one.shuffle();
    one.serve();
    expect((await verifyEntry(one.proof)).order).toEqual([1]);
  });

  it('counts an offer out of order in the line for seats, and reports an admission out of order in the line for entry', async () => {
    const kept = (name: LineName): QueueProof => {
      const line = new HonestLine(name, null);
      for (let count = 0; count < 3; count++) line.join();
      line.serve(1);
      line.serve(1);
      line.serve(0);
      return line.proof;
    };
    const seats = await verifyLine({ proof: kept('seats'), line: 'seats' });
    expect([seats.isValid, seats.counts.offersOutOfOrder, stateOf(seats, 'order')]).toEqual([true, 2, 'skipped']);
    const entry = await verifyEntry(kept('entry'));
    expect(entry.findings.map(({ check, n }) => [check, n])).toEqual([
      ['order', 4],
      ['order', 5],
    ]);
  });

  it('rejects an offer in the line for entry and an admission in the line for seats, so neither can hide a wrong order', async () => {
    for (const [kept, asked] of [
      ['seats', 'entry'],
      ['entry', 'seats'],
    ] as const) {
      const line = new HonestLine(kept, null);
      line.join();
      line.serve();
      expect([await failing(line.proof, kept), await failing(line.proof, asked)]).toEqual([[], ['order']]);
    }
  });
});

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

/** Ways to change a proof at a position. Each returns null if the proof has nothing to change. */
const tamperings: Record<string, (proof: QueueProof, where: number) => QueueProof | null> = {
  'a removed entry': (proof, where) => {
    // A chain without its last entry is the valid proof of an earlier moment, so the last entry stays.
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
  'another line ticket': (proof, where) => withEntry(proof, where, ({ ticket }) => ({ ticket: (ticket ?? 0) + 1 })),
  'another time': (proof, where) => withEntry(proof, where, () => ({ at: '2026-11-23T18:29:00.000Z' })),
  'another kind': (proof, where) =>
    withEntry(proof, where, ({ kind }) => ({ kind: kind === 'leave' ? 'expire' : 'leave' })),
  'another hash': (proof, where) => withEntry(proof, where, ({ hash }) => ({ hash: flipped(hash, where) })),
  'a flipped bit of the seed': (proof, where) =>
    proof.seed === null ? null : { ...proof, seed: flipped(proof.seed, where) },
  'a flipped bit of the commitment': (proof, where) =>
    proof.seed === null || proof.commitment === null
      ? null
      : { ...proof, commitment: flipped(proof.commitment, where) },
  'a missing seed': (proof) => (proof.seed === null ? null : { ...proof, seed: null }),
  'another size of the lobby': (proof) => ({ ...proof, lobbySize: proof.seed === null ? 1 : proof.lobbySize + 1 }),
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

  it.each(Object.entries(tamperings))('finds %s', async (_, tamper) => {
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
    ['admits out of order', (chain) => chain.splice(13, 2, ...chain.slice(13, 15).toReversed()), ['order']],
    ['admits a session from further back', (chain) => chain.push(entry('admit', 9)), ['order']],
    ['admits a later joiner before the lobby', (chain) => chain.push(entry('admit', 11)), ['order']],
    ['admits before the shuffle', (chain) => chain.splice(11, 0, entry('admit', 8)), ['endings', 'order']],
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
  ])('is detected: %s', async (_, make, checks) => {
    expect(await failing(forged(make))).toEqual(checks);
  });

  it('is detected by the order if the seed and its commitment change, and by anyone who noted the first commitment', async () => {
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
  ])('is detected: %s', async (_, more, checks) => {
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
