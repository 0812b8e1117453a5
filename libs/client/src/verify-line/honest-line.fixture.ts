import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { ChainEntry, ChainKind, LineName, QueueProof } from '@usher/contract';
import { verifyLine } from './verify-line.js';

export const showId = 42;

/** The first test key of RFC 8032. */
const privateKey = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});
export const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);

export const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
export const sessionOf = (ticket: number): string => `019ab3c4-5d6e-7f80-9a1b-${ticket.toString(16).padStart(12, '0')}`;
export const atSecond = (second: number): string => `2026-11-23T18:30:${String(second % 60).padStart(2, '0')}.000Z`;

/**
 * A cache of the receipts that were signed so far, by the text that was signed. Random lines have many receipts in
 * common.
 */
const signedReceipts = new Map<string, string>();

export function receiptOf(line: LineName, ticket: number, joinedAt: string, sessionId = sessionOf(ticket)): string {
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sha256(sessionId).toString('hex')}`;
  let receipt = signedReceipts.get(text);
  if (receipt === undefined) {
    receipt = sign(null, Buffer.from(text), privateKey).toString('base64url');
    signedReceipts.set(text, receipt);
  }
  return receipt;
}

/** Computes the numbers and hashes of a chain's entries again, as a forger with access to the whole database could. */
export function rehash(chain: readonly ChainEntry[]): ChainEntry[] {
  let hash = '0'.repeat(64);
  return chain.map((entry, index) => {
    const n = index + 1;
    hash = sha256(`${hash}|${n}|${entry.at}|${entry.kind}|${entry.ticket ?? ''}`).toString('hex');
    return { ...entry, n, hash };
  });
}

/**
 * A line that follows the contract. Its code is independent of the code under test. It uses BigInt, node:crypto and
 * plain lists.
 */
export class HonestLine {
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

export const fixedSeed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

/**
 * Returns a line with a lobby of ten sessions, of which the one with line ticket 3 leaves. After the shuffle, one
 * session joins and four are admitted. A program in Python computed the values that the tests expect for this line.
 */
export function goldenLine(): HonestLine {
  const line = new HonestLine('entry', fixedSeed);
  for (let ticket = 1; ticket <= 10; ticket++) line.join();
  line.drop('leave', 2, 20);
  line.shuffle(30);
  line.join(31);
  for (let count = 0; count < 4; count++) line.serve(0, 40);
  return line;
}

/** Returns the names of the failed checks. */
export const failing = async (proof: QueueProof, line: LineName = 'entry'): Promise<string[]> =>
  (await verifyLine({ proof, line })).checks.filter(({ state }) => state === 'failed').map(({ name }) => name);
