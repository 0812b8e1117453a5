import { expect, it } from '@jest/globals';
import { foldText } from './fold-text.js';

it('converts all spellings of accents and capitals to the same text', () => {
  expect(foldText('København')).toBe('kobenhavn');
  expect(foldText('ZÜRICH')).toBe('zurich');
  expect(foldText('Zu\u0308rich')).toBe('zurich');
  expect(foldText('  São  Paulo ')).toBe('sao paulo');
  expect(foldText('Weißensee')).toBe('weissensee');
  expect(foldText('İstanbul')).toBe('istanbul');
  expect(foldText('東京')).toBe('東京');
});
