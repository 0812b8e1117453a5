import { describe, expect, it } from '@jest/globals';
import { Cursor, Id } from '@usher/contract';
import fc from 'fast-check';
import { DomainError } from '../common/domain-error.js';
import { decodeCursor, encodeCursor, pageOf } from './cursor.js';

const query = ['cities', 'ber', 'DE'];

/** Returns the error body of a refused cursor. Fails the test if the cursor is accepted. */
function refusal(read: () => unknown) {
  try {
    read();
  } catch (error) {
    if (error instanceof DomainError) return error.body;
    throw error;
  }
  throw new Error('the cursor was accepted');
}

describe('a cursor', () => {
  it('continues after the id from which it was created', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.string(), (id, text) => {
        const cursor = encodeCursor(['cities', text], id);
        expect(Cursor.parse(cursor)).toBe(cursor);
        expect(decodeCursor(['cities', text], cursor)).toBe(Id.parse(id));
      }),
    );
  });

  it('is read as null if the request has none', () => {
    expect(decodeCursor(query, undefined)).toBeNull();
  });

  it.each([
    ['of a different list', encodeCursor(['cinemas', 'ber', 'DE'], 7)],
    ['of a different filter', encodeCursor(['cities', 'ber', 'FR'], 7)],
    ['of the same list without a filter', encodeCursor(['cities', 'ber', undefined], 7)],
    ['that is not base64', '%%%'],
    ['that contains no JSON', Buffer.from('nonsense').toString('base64url')],
    ['with a negative id', encodeCursor(query, -1)],
    ['with an added character', `${encodeCursor(query, 7)}A`],
    ['with spaces around it', ` ${encodeCursor(query, 7)}`],
  ])('%s is refused with an issue for the field cursor', (_, cursor) => {
    expect(refusal(() => decodeCursor(query, cursor))).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'cursor', message: expect.any(String) }],
    });
  });

  it('is refused if it is random text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (garbage) => {
        expect(refusal(() => decodeCursor(query, garbage)).code).toBe('INVALID_REQUEST');
      }),
    );
  });
});

const idOf = (id: number) => id;

describe('pageOf', () => {
  it('returns a next cursor only if there is one row more than the limit', () => {
    expect(pageOf([1, 2, 3], 3, query, idOf)).toEqual({ items: [1, 2, 3], nextCursor: null });
    expect(pageOf([], 3, query, idOf)).toEqual({ items: [], nextCursor: null });
    const page = pageOf([1, 2, 3, 4], 3, query, idOf);
    expect(page.items).toEqual([1, 2, 3]);
    expect(decodeCursor(query, page.nextCursor!)).toBe(3);
  });
});
