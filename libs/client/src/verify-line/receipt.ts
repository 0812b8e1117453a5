import { type LineName, Queue, type QueueProof } from '@usher/contract';
import { fromBase64url, sha256, toHex, utf8 } from '../common/bytes.js';
import type { LineFinding, LineReport, TicketState } from './report.js';
import { receiptBytes } from './shuffle.js';

/** A receipt, and what its holder says it is for. */
export interface ReceiptClaim {
  readonly proof: QueueProof;
  readonly showId: number;
  readonly line: LineName;
  readonly ticket: number;
  readonly joinedAt: string;
  readonly sessionId: string;
  /** Base64url. */
  readonly receipt: string;
}

/** Of a `Queue`, what a receipt is checked by. */
const HeldQueue = Queue.pick({ showId: true, line: true, ticket: true, place: true, joinedAt: true, receipt: true });
export type HeldQueue = Pick<Queue, 'showId' | 'line' | 'ticket' | 'place' | 'joinedAt' | 'receipt'>;

/** Reads a `Queue` as the service answered it: over REST, or as `{ queue }` over the socket. Null when it is none. */
export function readQueue(value: unknown): HeldQueue | null {
  const inside = typeof value === 'object' && value !== null && 'queue' in value ? value.queue : value;
  return HeldQueue.safeParse(inside).data ?? null;
}

/**
 * Checks that the service gave this very receipt to this session for this ticket: the signature, and that the chain's
 * `join` entry has the same receipt.
 *
 * @returns what does not hold
 */
export async function verifyReceipt(claim: ReceiptClaim): Promise<LineFinding[]> {
  const { proof, ticket, receipt } = claim;
  const found: LineFinding[] = [];
  const add = (n: number | null, text: string) => found.push({ check: 'receipt', n, text });

  if (!(await isSigned(claim))) {
    add(null, 'The receipt is not signed by the key of the line for this show, line, ticket, time and session');
  }
  const join = proof.chain.find((entry) => entry.kind === 'join' && entry.ticket === ticket);
  if (join === undefined) add(null, `Nobody joined with ticket ${ticket}`);
  else if (join.receipt !== receipt) add(join.n, `Ticket ${ticket} has another receipt in the chain`);
  return found;
}

async function isSigned({ proof, showId, line, ticket, joinedAt, sessionId, receipt }: ReceiptClaim): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const signature = fromBase64url(receipt, receiptBytes);
  const raw = fromBase64url(proof.publicKey, 32);
  if (signature === null || raw === null) return false;
  const sessionHash = toHex(await sha256(utf8(sessionId)));
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sessionHash}`;
  const key = await subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, signature, utf8(text));
}

/** What {@link verifyPlace} checks. */
export interface PlaceClaim {
  readonly proof: QueueProof;
  /** What {@link verifyLine} answered for the proof. */
  readonly report: LineReport;
  /** Show and line that the proof was asked for. */
  readonly showId: number;
  readonly line: LineName;
  readonly queue: HeldQueue;
  readonly sessionId: string;
}

/** Where a receipt stands in the order. */
export interface PlaceReport {
  readonly findings: readonly LineFinding[];
  readonly ticket: number;
  /** From 1; null while the order is not known, or when the ticket is none of the line's. */
  readonly place: number | null;
  /** How many with a lower place are still waiting. */
  readonly ahead: number | null;
  /** Null when the chain knows no such ticket. */
  readonly state: TicketState | null;
}

/** Checks a receipt as the service answered it and finds its place in the recomputed order. */
export async function verifyPlace({ proof, report, showId, line, queue, sessionId }: PlaceClaim): Promise<PlaceReport> {
  const { ticket, joinedAt, receipt } = queue;
  const findings = await verifyReceipt({ proof, showId, line, ticket, joinedAt, sessionId, receipt });
  const add = (text: string) => findings.push({ check: 'receipt', n: null, text });

  if (queue.showId !== showId || queue.line !== line) {
    add(`The receipt is for the ${queue.line} line of show ${queue.showId}`);
  }
  const index = report.order?.indexOf(ticket) ?? -1;
  const place = index === -1 ? null : index + 1;
  // What the service said before the shuffle was null, and right.
  if (place !== null && queue.place !== null && queue.place !== place) {
    add(`The service said place ${queue.place}, the order says ${place}`);
  }
  const ahead = index === -1 ? null : countWaiting(report, index);
  return { findings, ticket, place, ahead, state: report.states.get(ticket) ?? null };
}

const countWaiting = ({ order, states }: LineReport, before: number): number =>
  (order ?? []).slice(0, before).filter((ticket) => states.get(ticket) === 'join').length;
