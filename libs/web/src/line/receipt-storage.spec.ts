import { describe, expect, it } from '@jest/globals';
import { addReceipt, parseReceipts, type StoredReceipt, storedReceiptsMax } from './receipt-storage.js';

const receipt = (showId: number, ticket = 1): StoredReceipt => ({
  queue: { showId, line: 'entry', ticket, place: null, joinedAt: '2026-11-23T20:15:00.000Z', receipt: 'r' },
  sessionId: 's',
});

describe('the receipts that a browser stores', () => {
  it('contain the last receipt of each line, newest first, but not more than the maximum number', () => {
    expect(addReceipt([receipt(1), receipt(2)], receipt(2, 7))).toEqual([receipt(2, 7), receipt(1)]);
    const many = Array.from({ length: storedReceiptsMax }, (_, index) => receipt(index + 1));
    expect(addReceipt(many, receipt(100))).toEqual([receipt(100), ...many.slice(0, -1)]);
  });

  it('are read as they were written, without broken receipts', () => {
    const { queue } = receipt(3);
    const written = [receipt(1), { queue }, { sessionId: 's' }, { queue: { ...queue, ticket: 0 }, sessionId: 's' }, 7];
    expect(parseReceipts(JSON.stringify(written))).toEqual([receipt(1)]);
    for (const broken of [null, '{', '{"a":1}']) expect(parseReceipts(broken)).toEqual([]);
  });
});
