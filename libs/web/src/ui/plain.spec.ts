import { expect, it } from '@jest/globals';
import { plain } from './plain.js';

it.each([
  ['Málaga', 'malaga'],
  ['Łódź', 'lodz'],
  ['Tromsø', 'tromso'],
  ['Gießen', 'giessen'],
  ['İzmir', 'izmir'],
  ['東京', '東京'],
])('finds %s as %s', (name, typed) => {
  expect(plain(name)).toBe(typed);
});
