import { verify } from 'node:crypto';
import { verifyLine } from '../../../libs/client/src/verify-line/verify-line.js';
import type { Waiter } from '../../../src/shows/core/model/waiter.js';
import { lineNames } from '../database/simulated-line-tables.js';
import { sessionHashOf, testReceiptKey, testReceiptKeyText } from '../fixtures/small-show.js';
import type { CheckedShow } from './checked-show.js';
import type { Expect } from './promises.js';

/**
 * Checks the published proofs of both lines with the client's verifier. Also checks that every line ticket either still
 * waits or has ended exactly once in the chain, and that every receipt is signed.
 */
export async function checkLineProofs({ terms, rows }: CheckedShow, expect: Expect): Promise<void> {
  const { showId } = terms;
  for (const line of lineNames) {
    const proof = rows.proof(line, testReceiptKeyText);
    if (proof.chain.length === 0) continue;
    const { findings } = await verifyLine({ proof, line });
    expect('verifiableProof', findings.length === 0, `the ${line} line of show ${showId}: ${findings[0]?.text}`);
    for (const waiter of rows.waiters.filter((row) => row.line === line)) {
      const links = proof.chain.filter(({ ticket, kind }) => ticket === waiter.lineTicket && kind !== 'join');
      // After its offer, a line ticket may still lapse or leave. That second chain entry does not count as another end.
      const ends = links.filter(
        ({ kind }, index) => index === 0 || kind === 'admit' || kind === 'offer' || kind === 'expire',
      );
      const isAccountedFor = waiter.waits ? links.length === 0 : ends.length === 1;
      expect(
        'lineMembership',
        isAccountedFor,
        `line ticket ${waiter.lineTicket} of the ${line} line of show ${showId} is lost`,
      );
      const text = receiptText(showId, waiter);
      const isSigned = verify(null, Buffer.from(text), testReceiptKey, Buffer.from(waiter.receipt, 'base64url'));
      expect(
        'verifiableProof',
        isSigned,
        `the receipt of line ticket ${waiter.lineTicket} of show ${showId} is not signed`,
      );
    }
  }
}

const receiptText = (showId: number, { line, lineTicket, joinedAt, sessionId }: Waiter): string =>
  ['usher-receipt-1', showId, line, lineTicket, new Date(joinedAt).toISOString(), sessionHashOf(sessionId)].join('|');
