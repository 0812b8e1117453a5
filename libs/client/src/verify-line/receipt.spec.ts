import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ChainEntry, QueueProof } from '@usher/contract';
import fc from 'fast-check';
import { readQueue, type ReceiptClaim, verifyPlace, verifyReceipt } from './receipt.js';
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

const sessionOf = (ticket: number): string => `019ab3c4-5d6e-7f80-9a1b-${ticket.toString(16).padStart(12, '0')}`;
const joinedAtOf = (ticket: number): string => `2026-11-23T18:30:0${ticket}.000Z`;

function receiptOf(ticket: number): string {
  const sessionHash = createHash('sha256').update(sessionOf(ticket)).digest('hex');
  const text = `usher-receipt-1|${showId}|entry|${ticket}|${joinedAtOf(ticket)}|${sessionHash}`;
  return sign(null, Buffer.from(text), privateKey).toString('base64url');
}

const joinOf = (ticket: number): ChainEntry => ({
  n: ticket,
  at: joinedAtOf(ticket),
  kind: 'join',
  ticket,
  hash: '0'.repeat(64),
  receipt: receiptOf(ticket),
});

const proof: QueueProof = {
  algorithm: 'usher-line-1',
  publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url'),
  commitment: null,
  seed: null,
  lobbySize: 0,
  chain: [1, 2, 3, 4].map(joinOf),
  nextCursor: null,
};

const claimOf = (ticket: number): ReceiptClaim => ({
  proof,
  showId,
  line: 'entry',
  ticket,
  joinedAt: joinedAtOf(ticket),
  sessionId: sessionOf(ticket),
  receipt: receiptOf(ticket),
});

const unsigned = 'The receipt is not signed by the key of the line for this show, line, ticket, time and session';
const inChain = [4, 'Ticket 4 has another receipt in the chain'];
const found = async (claim: ReceiptClaim) => (await verifyReceipt(claim)).map(({ n, text }) => [n, text]);

it('accepts what another program signed', async () => {
  expect(proof.publicKey).toBe('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo');
  const receipt = '_RL22j6EZ4AAptmr5ojaXMNHDhi1WVJ1hqOEuaf60UQ07zKzFuKzqWUfmQBW5R3j4_z-ir3KXf9Y3AhchK6NAQ';
  expect(await verifyReceipt({ ...claimOf(1), receipt })).toEqual([]);
});

it('accepts the receipt of everybody in the line', async () => {
  for (const ticket of [1, 2, 3, 4]) expect(await found(claimOf(ticket))).toEqual([]);
});

it.each<[string, Partial<ReceiptClaim>]>([
  ['another show', { showId: 43 }],
  ['another line', { line: 'seats' }],
  ['another time', { joinedAt: '2026-11-23T18:29:00.000Z' }],
  ['another session', { sessionId: sessionOf(3) }],
  ['another key', { proof: { ...proof, publicKey: Buffer.alloc(32, 7).toString('base64url') } }],
  ['half a key', { proof: { ...proof, publicKey: 'AAAA' } }],
])('refuses a receipt for %s', async (_, more) => {
  expect(await found({ ...claimOf(4), ...more })).toEqual([[null, unsigned]]);
});

it('refuses a receipt of another ticket, and one of nobody in the chain', async () => {
  expect(await found({ ...claimOf(4), ticket: 3 })).toEqual([
    [null, unsigned],
    [3, 'Ticket 3 has another receipt in the chain'],
  ]);
  expect(await found(claimOf(5))).toEqual([[null, 'Nobody joined with ticket 5']]);
});

it('refuses a receipt that was cut short or has any bit turned', async () => {
  const claim = claimOf(4);
  expect(await found({ ...claim, receipt: claim.receipt.slice(1) })).toEqual([[null, unsigned], inChain]);
  await fc.assert(
    fc.asyncProperty(fc.nat(511), async (bit) => {
      const bytes = Buffer.from(claim.receipt, 'base64url');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await found({ ...claim, receipt: bytes.toString('base64url') })).toEqual([[null, unsigned], inChain]);
    }),
  );
});

it('shows when the chain has the receipt of another in its place', async () => {
  const swapped = { ...proof, chain: proof.chain.with(3, { ...joinOf(4), receipt: receiptOf(3) }) };
  expect(await found({ ...claimOf(4), proof: swapped })).toEqual([inChain]);
});

/** A shuffled line of four of whom the first was admitted and the second left. */
const report: LineReport = {
  holds: true,
  checks: [],
  findings: [],
  order: [3, 1, 4, 2],
  states: new Map([
    [1, 'leave'],
    [2, 'join'],
    [3, 'admit'],
    [4, 'join'],
  ]),
  counts: {
    tickets: 4,
    lobby: 4,
    states: { join: 2, leave: 1, expire: 0, admit: 1, offer: 0, lapse: 0 },
    offersOutOfOrder: 0,
  },
};

const placeOf = (ticket: number, place: number | null, { of = report, show = showId } = {}) => {
  const { joinedAt, receipt, sessionId } = claimOf(ticket);
  const queue = { showId: show, line: 'entry' as const, ticket, place, joinedAt, receipt };
  return verifyPlace({ proof, report: of, showId, line: 'entry', queue, sessionId });
};

it('finds the place in the order and who is ahead', async () => {
  expect(await placeOf(2, 4)).toEqual({ findings: [], ticket: 2, place: 4, ahead: 1, state: 'join' });
  expect(await placeOf(3, null)).toEqual({ findings: [], ticket: 3, place: 1, ahead: 0, state: 'admit' });
});

it('has no place while the order is not known', async () => {
  const open = { ...report, order: null };
  expect(await placeOf(2, null, { of: open })).toEqual({
    findings: [],
    ticket: 2,
    place: null,
    ahead: null,
    state: 'join',
  });
});

it('finds a place that the service did not say, and a receipt for another show', async () => {
  const texts = async (...of: Parameters<typeof placeOf>) => (await placeOf(...of)).findings.map(({ text }) => text);
  expect(await texts(2, 3)).toEqual(['The service said place 3, the order says 4']);
  expect(await texts(2, 4, { show: 43 })).toEqual(['The receipt is for the entry line of show 43']);
});

it('reads a place in line as the service answers it, over either transport', () => {
  const { ticket, joinedAt, receipt } = claimOf(2);
  const queue = { showId, line: 'entry', ticket, place: null, joinedAt, receipt };
  expect(readQueue({ ...queue, partySize: 2 })).toEqual(queue);
  expect(readQueue({ ok: true, queue })).toEqual(queue);
  for (const none of [null, 'queue', {}, { queue: null }, { ...queue, ticket: 0 }]) expect(readQueue(none)).toBeNull();
});
