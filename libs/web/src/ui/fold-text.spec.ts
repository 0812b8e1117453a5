import { expect, it } from '@jest/globals';
import { foldText } from './fold-text.js';

it.each([
  ['Málaga', 'malaga'],
  ['Łódź', 'lodz'],
  ['Tromsø', 'tromso'],
  ['Gießen', 'giessen'],
  ['İzmir', 'izmir'],
  ['東京', '東京'],
])('folds %s to %s', (name, typed) => {
  expect(foldText(name)).toBe(typed);
});
