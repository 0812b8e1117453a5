import { type LineName, Queue, type QueueProof } from '@usher/contract';
import { fromBase64url, sha256, toHex, utf8 } from '../common/bytes.js';
import type { LineFinding, LineReport, LineTicketState } from './report.js';
import { receiptLength } from './shuffle.js';

const publicKeyLength = 32;

/** The fields of a `Queue` that the check of a receipt needs. */
const QueueReceipt = Queue.pick({ showId: true, line: true, ticket: true, place: true, joinedAt: true, receipt: true });
export type QueueReceipt = Pick<Queue, 'showId' | 'line' | 'ticket' | 'place' | 'joinedAt' | 'receipt'>;

/**
 * Parses a place in line as the service returned it.
 *
 * @param value a `Queue` from REST, or `{ queue }` from the socket
 * @returns null if the value is neither
 */
export function parseQueueReceipt(value: unknown): QueueReceipt | null {
  const queue = typeof value === 'object' && value !== null && 'queue' in value ? value.queue : value;
  return QueueReceipt.safeParse(queue).data ?? null;
}

/**
 * Options of {@link verifyReceipt}: a receipt, and the facts that its signature should cover. The names are those of a
 * `Queue`.
 */
export interface VerifyReceiptOptions {
  readonly proof: QueueProof;
  readonly showId: number;
  readonly line: LineName;
  /** The line ticket. */
  readonly ticket: number;
  readonly joinedAt: string;
  readonly sessionId: string;
  /** The receipt in base64url. */
  readonly receipt: string;
}

/**
 * Verifies that the service gave this receipt to this session for this line ticket. It checks the signature, and checks
 * that the chain's `join` entry has the same receipt.
 *
 * @returns the contradictions. An empty list means that the receipt is valid
 */
export async function verifyReceipt(options: VerifyReceiptOptions): Promise<LineFinding[]> {
  const { proof, ticket: lineTicket, receipt } = options;
  const findings: LineFinding[] = [];
  const add = (n: number | null, text: string) => findings.push({ check: 'receipt', n, text });

  if (!(await isSigned(options))) {
    add(null, 'The key of the line did not sign the receipt for this show, line, line ticket, time and session');
  }
  const join = proof.chain.find(({ kind, ticket }) => kind === 'join' && ticket === lineTicket);
  if (join === undefined) add(null, `The chain has no entry for a join with line ticket ${lineTicket}`);
  else if (join.receipt !== receipt) add(join.n, `The chain has another receipt for line ticket ${lineTicket}`);
  return findings;
}

async function isSigned(options: VerifyReceiptOptions): Promise<boolean> {
  const { proof, showId, line, ticket, joinedAt, sessionId, receipt } = options;
  const { subtle } = globalThis.crypto;
  const signature = fromBase64url(receipt, receiptLength);
  const publicKey = fromBase64url(proof.publicKey, publicKeyLength);
  if (signature === null || publicKey === null) return false;
  const sessionHash = toHex(await sha256(utf8(sessionId)));
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sessionHash}`;
  const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, signature, utf8(text));
}

/** Options of {@link verifyPlace}. */
export interface VerifyPlaceOptions {
  readonly proof: QueueProof;
  /** The result of {@link verifyLine} for the proof. */
  readonly report: LineReport;
  /** The show whose proof was read. */
  readonly showId: number;
  /** The line whose proof was read. */
  readonly line: LineName;
  readonly queue: QueueReceipt;
  readonly sessionId: string;
}

/** The place of a receipt in the recomputed order. */
export interface PlaceReport {
  readonly findings: readonly LineFinding[];
  readonly lineTicket: number;
  /** The place, counted from 1. Null if the order is not known, or if the line has no such line ticket. */
  readonly place: number | null;
  /** Number of sessions with a lower place that are still waiting. Null if `place` is null. */
  readonly ahead: number | null;
  /** Null if the chain has no such line ticket. */
  readonly state: LineTicketState | null;
}

/** Verifies a receipt and finds its place in the recomputed order. */
export async function verifyPlace(options: VerifyPlaceOptions): Promise<PlaceReport> {
  const { proof, report, showId, line, queue, sessionId } = options;
  const { ticket: lineTicket, joinedAt, receipt } = queue;
  const findings = await verifyReceipt({ proof, showId, line, ticket: lineTicket, joinedAt, sessionId, receipt });
  const add = (text: string) => findings.push({ check: 'receipt', n: null, text });

  if (queue.showId !== showId || queue.line !== line) {
    add(`The receipt is for the ${queue.line} line of show ${queue.showId}`);
  }
  const index = report.order?.indexOf(lineTicket) ?? -1;
  const place = index === -1 ? null : index + 1;
  // Before the shuffle, the service correctly returns null as the place.
  if (place !== null && queue.place !== null && queue.place !== place) {
    add(`The service answered place ${queue.place}, but the recomputed place is ${place}`);
  }
  const ahead = index === -1 ? null : countWaiting(report, index);
  return { findings, lineTicket, place, ahead, state: report.states.get(lineTicket) ?? null };
}

const countWaiting = ({ order, states }: LineReport, before: number): number =>
  (order ?? []).slice(0, before).filter((lineTicket) => states.get(lineTicket) === 'join').length;
