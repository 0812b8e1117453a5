import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ChainEntry, QueueProof } from '@usher/contract';
import fc from 'fast-check';
import { parseQueueReceipt, verifyPlace, verifyReceipt, type VerifyReceiptOptions } from './receipt.js';
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

const optionsOf = (ticket: number): VerifyReceiptOptions => ({
  proof,
  showId,
  line: 'entry',
  ticket,
  joinedAt: joinedAtOf(ticket),
  sessionId: sessionOf(ticket),
  receipt: receiptOf(ticket),
});

const unsigned = 'The key of the line did not sign the receipt for this show, line, line ticket, time and session';
const differsInChain = [4, 'The chain has another receipt for line ticket 4'];
const found = async (options: VerifyReceiptOptions) => (await verifyReceipt(options)).map(({ n, text }) => [n, text]);

it('accepts a receipt that another program signed', async () => {
  expect(proof.publicKey).toBe('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo');
  const receipt = '_RL22j6EZ4AAptmr5ojaXMNHDhi1WVJ1hqOEuaf60UQ07zKzFuKzqWUfmQBW5R3j4_z-ir3KXf9Y3AhchK6NAQ';
  expect(await verifyReceipt({ ...optionsOf(1), receipt })).toEqual([]);
});

it('accepts the receipt of every session in the line', async () => {
  for (const ticket of [1, 2, 3, 4]) expect(await found(optionsOf(ticket))).toEqual([]);
});

it.each<[string, Partial<VerifyReceiptOptions>]>([
  ['another show', { showId: 43 }],
  ['another line', { line: 'seats' }],
  ['another time', { joinedAt: '2026-11-23T18:29:00.000Z' }],
  ['another session', { sessionId: sessionOf(3) }],
  ['another key', { proof: { ...proof, publicKey: Buffer.alloc(32, 7).toString('base64url') } }],
  ['a key that is too short', { proof: { ...proof, publicKey: 'AAAA' } }],
])('rejects a receipt that is checked against %s', async (_, more) => {
  expect(await found({ ...optionsOf(4), ...more })).toEqual([[null, unsigned]]);
});

it('rejects a receipt of another line ticket, and a receipt whose line ticket is not in the chain', async () => {
  expect(await found({ ...optionsOf(4), ticket: 3 })).toEqual([
    [null, unsigned],
    [3, 'The chain has another receipt for line ticket 3'],
  ]);
  expect(await found(optionsOf(5))).toEqual([[null, 'The chain has no entry for a join with line ticket 5']]);
});

it('rejects a receipt that is too short or has a flipped bit', async () => {
  const options = optionsOf(4);
  expect(await found({ ...options, receipt: options.receipt.slice(1) })).toEqual([[null, unsigned], differsInChain]);
  await fc.assert(
    fc.asyncProperty(fc.nat(511), async (bit) => {
      const bytes = Buffer.from(options.receipt, 'base64url');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await found({ ...options, receipt: bytes.toString('base64url') })).toEqual([
        [null, unsigned],
        differsInChain,
      ]);
    }),
  );
});

it("reports a chain that has another session's receipt for the line ticket", async () => {
  const swapped = { ...proof, chain: proof.chain.with(3, { ...joinOf(4), receipt: receiptOf(3) }) };
  expect(await found({ ...optionsOf(4), proof: swapped })).toEqual([differsInChain]);
});

/** The report on a shuffled line of four. The first in the order was admitted, and the second left. */
const report: LineReport = {
  isValid: true,
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
    lineTickets: 4,
    lobby: 4,
    states: { join: 2, leave: 1, expire: 0, admit: 1, offer: 0, lapse: 0 },
    offersOutOfOrder: 0,
  },
};

const placeOf = (ticket: number, place: number | null, { of = report, show = showId } = {}) => {
  const { joinedAt, receipt, sessionId } = optionsOf(ticket);
  const queue = { showId: show, line: 'entry' as const, ticket, place, joinedAt, receipt };
  return verifyPlace({ proof, report: of, showId, line: 'entry', queue, sessionId });
};

it('finds the place in the order and the number of sessions ahead', async () => {
  expect(await placeOf(2, 4)).toEqual({ findings: [], lineTicket: 2, place: 4, ahead: 1, state: 'join' });
  expect(await placeOf(3, null)).toEqual({ findings: [], lineTicket: 3, place: 1, ahead: 0, state: 'admit' });
});

it('finds no place while the order is not known', async () => {
  const open = { ...report, order: null };
  expect(await placeOf(2, null, { of: open })).toEqual({
    findings: [],
    lineTicket: 2,
    place: null,
    ahead: null,
    state: 'join',
  });
});

it("reports a place that differs from the service's answer, and a receipt for another show", async () => {
  const texts = async (...of: Parameters<typeof placeOf>) => (await placeOf(...of)).findings.map(({ text }) => text);
  expect(await texts(2, 3)).toEqual(['The service answered place 3, but the recomputed place is 4']);
  expect(await texts(2, 4, { show: 43 })).toEqual(['The receipt is for the entry line of show 43']);
});

it('parses a place in line from REST and from the socket', () => {
  const { ticket, joinedAt, receipt } = optionsOf(2);
  const queue = { showId, line: 'entry', ticket, place: null, joinedAt, receipt };
  expect(parseQueueReceipt({ ...queue, partySize: 2 })).toEqual(queue);
  expect(parseQueueReceipt({ ok: true, queue })).toEqual(queue);
  for (const none of [null, 'queue', {}, { queue: null }, { ...queue, ticket: 0 }])
    expect(parseQueueReceipt(none)).toBeNull();
});
