import { expect, it } from '@jest/globals';
import { folded } from './folded.js';

it('finds a name however its accents and capitals are typed', () => {
  expect(folded('København')).toBe('kobenhavn');
  expect(folded('ZÜRICH')).toBe('zurich');
  expect(folded('Zu\u0308rich')).toBe('zurich');
  expect(folded('  São  Paulo ')).toBe('sao paulo');
  expect(folded('Weißensee')).toBe('weissensee');
  expect(folded('İstanbul')).toBe('istanbul');
  expect(folded('東京')).toBe('東京');
});
